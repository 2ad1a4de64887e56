// A walk along a part's rings: where they cross the rows of cell centres.
//
// An edge (i, the vertex before it j) crosses the row of centres at y when (yi > y) != (yj > y), at
// (xj - xi) * (y - yi) / d + xi, d = yj - yi (1e-12 where |d| < 1e-12); what is kept of it is the number of
// column centres to its left. A ring is taken apart where it extrema from downwards to upwards or back:
// between two extrema, a chain crosses each of its rows once.
//
// How: one row index a vertex tells the rows that an edge crosses. Crossings are guessed from an edge's
// slope, several rows at once; a ring of which a guess comes within its error bound of a tie, or of which an
// edge hardly rises, is walked again by the expression above. Edges are clipped to the grid's rows first, so
// the cost is the vertices plus the row crossings within the grid, whatever the coordinates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/shapes/polygon_reader.hpp"

namespace heatgrid {

// Rows begin .. end - 1 downwards, or begin - 1 .. end upwards, where end is the smaller.
struct MonotoneChain {
    std::int32_t begin;
    std::int32_t end;
    const std::int32_t* columns;  // of the crossings, in the order of the walk

    [[nodiscard]] bool leads_down() const noexcept { return begin < end; }
    [[nodiscard]] std::int32_t top() const noexcept { return leads_down() ? begin : end; }
    [[nodiscard]] std::int32_t bottom() const noexcept { return leads_down() ? end : begin; }
    // The crossing of a row. That of the next row is beside it: after it, or before it on the way up.
    [[nodiscard]] const std::int32_t* at(std::int32_t row) const noexcept {
        return columns + (leads_down() ? row - begin : begin - 1 - row);
    }
};

// Where one chain ends and the next begins: above this row, after so many crossings of the ring.
struct LocalExtremum {
    std::int32_t row;
    std::uint32_t crossings;
};

// A ring to be walked along, and where to write what is found: crossings eight by eight, so with room for
// seven more, and one extremum more than there are chains.
struct RingWalk {
    const double* vertices;
    const std::int32_t* rows_above;
    std::uint32_t first;         // the ring's vertices
    std::uint32_t last;          // one past them
    const std::uint32_t* edges;  // those that cross rows, by the vertices that they lead to
    std::size_t edge_count;
    const double* centres_down;  // of the rows, and seven more
    const double* centres_up;    // the same from the last row to the first, and seven more
    std::int32_t rows;
    double columns_across;
    double error_bound;  // so near a whole number, a guess is exact
    std::int32_t* columns;
    LocalExtremum* extrema;

    [[nodiscard]] std::uint32_t before(std::uint32_t vertex) const noexcept {
        return (vertex == first ? last : vertex) - 1;
    }
};

// Edges that rise less are not guessed.
inline constexpr double least_rise = 1e-12;

// Scratch memory for one thread: open, add_ring for each ring, then follow, then the chains.
class CrossingWalk {
  public:
    explicit CrossingWalk(Grid grid);
    CrossingWalk(CrossingWalk&&) = default;  // a copy would point into this one's memory

    // (x, y) of a part's vertices, normalised. They stay where they are until the next part.
    void open(const double* vertices, std::size_t count);
    void add_ring(std::size_t first, std::size_t last);

    // Whether all coordinates are finite and less than 2, either way: guesses hold for no others.
    [[nodiscard]] bool is_regular() const noexcept { return is_regular_; }

    // Walks along the rings. False where there are too many crossings to keep: for_each_crossing is left.
    [[nodiscard]] bool follow();
    [[nodiscard]] const MonotoneChain* chains() const noexcept { return chains_.data(); }
    [[nodiscard]] std::size_t chain_count() const noexcept { return chain_count_; }

    // Calls take(row, column) for each crossing, by the exact expression.
    template <class Take>
    void for_each_crossing(const Take& take) {
        const ColumnRange range = columns_of_extent();
        for (const Ring& ring : rings_) {
            point_to(ring);
            for (std::size_t k = 0; k < ring.edge_count; ++k) {
                const Edge edge = edge_of(walk_, walk_.edges[k]);
                for (std::int32_t row = edge.top(); row < edge.bottom(); ++row) {
                    take(row, exact_column(edge, cells_.y.centre(row), range));
                }
            }
        }
    }

  private:
    struct Ring {
        std::size_t first;
        std::size_t last;
        std::size_t first_edge;
        std::size_t edge_count;
    };
    struct ColumnRange {
        std::int32_t first;
        std::int32_t last;
    };
    struct Edge {
        const double* i;
        const double* j;
        std::int32_t from;  // the rows above either end
        std::int32_t to;

        [[nodiscard]] std::int32_t top() const noexcept { return from < to ? from : to; }
        [[nodiscard]] std::int32_t bottom() const noexcept { return from < to ? to : from; }
    };

    void settle_ties(std::size_t first, std::size_t last) noexcept;
    [[nodiscard]] bool find_rows(std::size_t first, std::size_t last) noexcept;
    [[nodiscard]] std::size_t find_edges(std::size_t first, std::size_t last) noexcept;
    [[nodiscard]] bool make_room();
    void take_chains(std::size_t count);
    void point_to(const Ring& ring) noexcept;

    [[nodiscard]] static Edge edge_of(const RingWalk& walk, std::uint32_t to) noexcept;
    template <class Fill>
    [[nodiscard]] static std::size_t walk_along(const RingWalk& walk, const Fill& fill) noexcept;
    [[nodiscard]] static std::size_t guess(const RingWalk& walk) noexcept;
    [[nodiscard]] std::size_t walk_exactly(const RingWalk& walk, const ColumnRange& range) const noexcept;
    [[nodiscard]] std::int32_t exact_column(const Edge& edge, double y,
                                            const ColumnRange& range) const noexcept;
    [[nodiscard]] ColumnRange columns_of_extent() const noexcept;

    Cells cells_;
    std::vector<double> centres_down_;
    std::vector<double> centres_up_;

    // The part at hand.
    const double* vertices_ = nullptr;
    std::vector<std::int32_t> rows_above_;  // for each vertex, the number of row centres with a smaller y
    Scratch<Ring> rings_;
    std::vector<std::uint32_t> edges_;
    std::size_t edge_count_ = 0;
    bool is_regular_ = true;
    std::vector<std::int32_t> columns_;
    std::size_t crossing_count_ = 0;
    std::vector<LocalExtremum> extrema_;
    std::vector<MonotoneChain> chains_;
    std::size_t chain_count_ = 0;
    RingWalk walk_{};
};

}  // namespace heatgrid
