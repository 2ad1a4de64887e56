// The edges of a part, in cells, and those stretches of them that bound nothing.
//
// Under the even-odd rule two edges that lie on each other, along all of their length or along a part of it,
// have the same on both sides: a bridge to a hole, a spike, a hole that ends where its part does. There they
// cancel, and what remains is the part's true boundary. Whether edges lie on one line is decided exactly.
//
// How: the distance of an edge's line from a fixed place is the same for all edges on that line, but for
// rounding. A hash table of these numbers shows, nearly always, that no edges overlap. Else edges are ordered
// by them, and the ends of all edges on one line along it: where an odd number of them end, the boundary
// begins or ends.
// Cost: some nanoseconds an edge; a sort, where edges overlap. Only a slanting edge that reaches a billion
// cells away has no such number that could be trusted: these cancel where their ends are the same, and
// the first 64 of them, which are compared with all other edges, along a part of their length, too. Likewise,
// of different lines that rounding cannot tell apart, an edge is compared with 16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/shapes/orientation.hpp"

namespace heatgrid {

// A part's vertices in cells: x and y, column index and row index, one vertex after the other.
struct Vertices {
    const double* coordinates = nullptr;
    const DoubledIndex* indices = nullptr;

    [[nodiscard]] Position at(std::size_t vertex) const noexcept {
        return {coordinates[2 * vertex], coordinates[2 * vertex + 1]};
    }
    [[nodiscard]] DoubledIndex column(std::size_t vertex) const noexcept { return indices[2 * vertex]; }
    [[nodiscard]] DoubledIndex row(std::size_t vertex) const noexcept { return indices[2 * vertex + 1]; }
};

// By the numbers of its vertices.
struct Edge {
    std::uint32_t from;
    std::uint32_t to;
};

// Scratch memory for one thread, reused from part to part: open, add_ring for each ring, then the questions.
class EdgeOverlaps {
  public:
    // All vertices are within `reach` of the origin. They stay where they are until the last question.
    void open(const Vertices& vertices, double reach) noexcept;
    void add_ring(std::size_t first, std::size_t last);

    // Whether any edges might lie on each other, not only end to end; nearly never in vain.
    [[nodiscard]] bool may_overlap();

    // The edges that remain after cancelling. Valid until the next `open`.
    [[nodiscard]] const std::vector<Edge>& boundary();

  private:
    struct Line {
        double distance;
        Edge edge;  // through which the line goes
    };
    struct End {
        std::uint32_t line;
        std::uint32_t vertex;
    };

    [[nodiscard]] bool overlap(const Edge& one, const Edge& other) const noexcept;
    [[nodiscard]] bool is_harmless(const Edge& edge) const noexcept;
    [[nodiscard]] bool has_distance(const Edge& edge) const noexcept;
    void join(const Line& line, std::size_t first);
    void keep_odd_stretches();

    [[nodiscard]] Position upper(const Edge& edge) const noexcept;
    [[nodiscard]] Position lower(const Edge& edge) const noexcept;

    Vertices vertices_;
    double reach_ = 0.0;
    double bucket_scale_ = 0.0;
    bool is_doubtful_ = false;
    std::size_t edge_count_ = 0;
    std::vector<Edge> edges_;
    std::vector<double> distances_;
    std::vector<std::int32_t> buckets_;
    std::vector<std::uint32_t> table_;  // by hash: an edge's number and 1, or 0
    std::vector<Line> ordered_;
    std::vector<Line> lines_;  // all different
    std::vector<End> ends_;
    std::vector<Edge> boundary_;
};

}  // namespace heatgrid
