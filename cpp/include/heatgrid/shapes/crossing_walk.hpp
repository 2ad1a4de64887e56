// Crossings of a part's edges with the rows of cell centers, as y-monotone chains.
//
// An edge (i, previous vertex j) crosses the row of centers at y if (yi > y) != (yj > y), at
// (xj - xi) * (y - yi) / d + xi, d = yj - yi (1e-12 if |d| < 1e-12); the result is the number of column
// centers left of it. A ring is split at its local extrema in y: between two of them, a chain crosses each of
// its rows once (y-monotone chains; see M. de Berg et al., "Computational Geometry", chapter 3).
//
// Method: one row index per vertex tells the rows that an edge crosses. Crossings are estimated from the
// slope, several rows at once. If an estimate lies within its error bound of a tie, or if an edge hardly
// rises, the ring is evaluated again by the expression above. Edges are clipped to the grid's rows first, so
// that the cost is O(vertices + row crossings within the grid), independent of the coordinates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/shapes/polygon_reader.hpp"

namespace heatgrid {

/// A y-monotone chain and its crossings: rows begin .. end - 1 if it leads down, else begin - 1 .. end.
struct MonotoneChain {
    std::int32_t begin;
    std::int32_t end;
    const std::int32_t* columns;  // of the crossings, in the order of the walk

    [[nodiscard]] bool leads_down() const noexcept { return begin < end; }
    [[nodiscard]] std::int32_t top() const noexcept { return leads_down() ? begin : end; }
    [[nodiscard]] std::int32_t bottom() const noexcept { return leads_down() ? end : begin; }
    /// The crossing of a row. The one of the next row follows it, or precedes it if the chain leads up.
    [[nodiscard]] const std::int32_t* at(std::int32_t row) const noexcept {
        return columns + (leads_down() ? row - begin : begin - 1 - row);
    }
};

/// End of one chain and begin of the next: above this row, after so many crossings of the ring.
struct LocalExtremum {
    std::int32_t row;
    std::uint32_t crossings;
};

/// Input and output of one ring. Crossings are written in blocks of eight: `columns` has room for seven more,
/// `extrema` for one more than there are chains.
struct RingWalk {
    const double* vertices;
    const std::int32_t* rows_above;
    std::uint32_t first;         // the ring's vertices
    std::uint32_t last;          // one past them
    const std::uint32_t* edges;  // edges that cross rows, by their second vertices
    std::size_t edge_count;
    const double* centers_down;  // of the rows, and seven more
    const double* centers_up;    // the same from the last row to the first, and seven more
    std::int32_t rows;
    double columns_across;
    double error_bound;  // an estimate at least so close to the middle of two integers is exact
    std::int32_t* columns;
    LocalExtremum* extrema;

    [[nodiscard]] std::uint32_t before(std::uint32_t vertex) const noexcept {
        return (vertex == first ? last : vertex) - 1;
    }
};

/// Edges with a smaller difference in y are not estimated.
inline constexpr double min_rise = 1e-12;

/// Usage: open, add_ring per ring, follow, then read the chains. Holds scratch memory for one thread.
class CrossingWalk {
  public:
    explicit CrossingWalk(Grid grid);
    CrossingWalk(CrossingWalk&&) = default;  // not copyable: walk_ points to own memory

    /// Begins a part: (x, y) of its vertices, normalized. They must stay valid until the next part.
    void open(const double* vertices, std::size_t count);
    void add_ring(std::size_t first, std::size_t last);

    /// Whether all coordinates are finite and their magnitude is less than 2, the precondition of estimates.
    [[nodiscard]] bool is_regular() const noexcept { return is_regular_; }

    /// Finds the chains. False if there are too many crossings to store; then use for_each_crossing.
    [[nodiscard]] bool follow();
    [[nodiscard]] const MonotoneChain* chains() const noexcept { return chains_.data(); }
    [[nodiscard]] std::size_t chain_count() const noexcept { return chain_count_; }

    /// Calls take(row, column) per crossing, by the exact expression.
    template <class Take>
    void for_each_crossing(const Take& take) {
        const ColumnRange range = columns_of_extent();
        for (const Ring& ring : rings_) {
            point_to(ring);
            for (std::size_t k = 0; k < ring.edge_count; ++k) {
                const Edge edge = edge_of(walk_, walk_.edges[k]);
                for (std::int32_t row = edge.top(); row < edge.bottom(); ++row) {
                    take(row, exact_column(edge, cells_.y.center(row), range));
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
    [[nodiscard]] static std::size_t estimate(const RingWalk& walk) noexcept;
    [[nodiscard]] std::size_t walk_exactly(const RingWalk& walk, const ColumnRange& range) const noexcept;
    [[nodiscard]] std::int32_t exact_column(const Edge& edge, double y,
                                            const ColumnRange& range) const noexcept;
    [[nodiscard]] ColumnRange columns_of_extent() const noexcept;

    Cells cells_;
    std::vector<double> centers_down_;
    std::vector<double> centers_up_;

    // The current part.
    const double* vertices_ = nullptr;
    std::vector<std::int32_t> rows_above_;  // for each vertex, the number of row centers with a smaller y
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
