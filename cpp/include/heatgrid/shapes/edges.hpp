// Edges of a part, in cells, and the parts of them that cancel.
//
// Under the even-odd rule two edges that coincide, fully or partly, have the same on both sides: a bridge to
// a hole, a spike, a hole that ends where its part does. They cancel, and the rest is the part's true
// boundary. Collinearity is decided exactly.
//
// Method: the distance of an edge's line from a fixed point is the same for all edges on that line, except
// for rounding. A hash table of these distances shows, almost always, that no edges overlap. Otherwise edges
// are sorted by distance, and the ends of all edges on one line along it: the boundary begins or ends where
// an odd number of them end. A few nanoseconds per edge; a sort, if edges overlap.
//
// Limits: an oblique edge that reaches a billion cells away has no reliable distance. Such edges cancel if
// their ends are the same; the first 64 of them are compared with all other edges, too. An edge is compared
// with at most 16 different lines that rounding cannot distinguish.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/shapes/orientation.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// A part's vertices in cells: x and y, column index and row index, vertex by vertex.
struct Vertices {
    const double* coordinates = nullptr;
    const DoubledIndex* indices = nullptr;

    [[nodiscard]] Position at(std::size_t vertex) const noexcept {
        return {coordinates[2 * vertex], coordinates[2 * vertex + 1]};
    }
    [[nodiscard]] DoubledIndex column(std::size_t vertex) const noexcept { return indices[2 * vertex]; }
    [[nodiscard]] DoubledIndex row(std::size_t vertex) const noexcept { return indices[2 * vertex + 1]; }
};

/// An edge by the indices of its vertices.
struct Edge {
    std::uint32_t from;
    std::uint32_t to;
};

/// Usage: open, add_ring per ring, then the queries. Holds scratch memory for one thread.
class EdgeOverlaps {
  public:
    /// All vertices are within `reach` of the origin. They must stay valid until the last query.
    void open(const Vertices& vertices, double reach) noexcept;
    void add_ring(std::size_t first, std::size_t last);

    /// Whether any edges may overlap, not only end to end; rarely a false positive.
    [[nodiscard]] bool may_overlap();

    /// The edges that remain after cancellation. Valid until the next `open`.
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
    [[nodiscard]] bool is_along_line(const Edge& edge) const noexcept;
    [[nodiscard]] bool has_distance(const Edge& edge) const noexcept;
    void join(const Line& line, std::size_t first);
    void keep_odd_intervals();

    [[nodiscard]] Position upper(const Edge& edge) const noexcept;
    [[nodiscard]] Position lower(const Edge& edge) const noexcept;

    Checkpoint check_;
    Vertices vertices_;
    double reach_ = 0.0;
    double bucket_scale_ = 0.0;
    bool is_ambiguous_ = false;
    std::size_t edge_count_ = 0;
    std::vector<Edge> edges_;
    std::vector<double> distances_;
    std::vector<std::int32_t> buckets_;
    std::vector<std::uint32_t> table_;  // hash table: an edge's index plus 1, or 0
    std::vector<Line> ordered_;
    std::vector<Line> lines_;  // all different
    std::vector<End> ends_;
    std::vector<Edge> boundary_;
};

}  // namespace heatgrid
