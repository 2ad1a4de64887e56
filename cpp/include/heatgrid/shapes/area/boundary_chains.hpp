// Boundary of a polygon row by row: y-monotone chains, clipped to each row.
//
// A ring is split at its local extrema in y; horizontal edges belong to the chain before them. Where a chain
// begins or ends, another chain of its part does so at the same point. The part of a chain within a row is a
// row segment: a polyline from its upper to its lower end that bounds an area to its right or left.
// Coordinates are in cells. What is left of 0 or right of the last column is moved to these lines, where it
// bounds the same cells. Chains are clipped to the rows first, so that the cost does not depend on the
// magnitude of the coordinates. Differences of distinct doubles are not 0 (gradual underflow); callers keep
// them from overflow. O(vertices + row crossings within the grid).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/shapes/orientation.hpp"

namespace heatgrid {

/// Points begin .. end - 1 of a row, y never decreasing, and their bounding box. The ends of chains are
/// numbered; each is shared by two chains.
struct RowSegment {
    double left;
    double right;
    double top;
    double bottom;
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t part;
    std::uint32_t upper_end;
    std::uint32_t lower_end;
};

/// Usage: open, add_ring per ring, then next_row until it fails. Holds scratch memory for one thread.
class BoundaryChains {
  public:
    explicit BoundaryChains(std::int32_t rows) : first_of_row_(static_cast<std::size_t>(rows), none) {}

    /// Rows and columns in use; whether any vertex is left of 0 or right of the last column.
    void open(std::int32_t rows, std::int32_t columns, bool is_cut) noexcept;
    void add_ring(const Position* vertices, std::size_t count, std::uint32_t part);

    /// Moves to the next row, from the topmost one with a chain to the last.
    [[nodiscard]] bool next_row();
    [[nodiscard]] std::int32_t row() const noexcept { return row_; }
    [[nodiscard]] const Scratch<RowSegment>& segments() const noexcept { return segments_; }
    [[nodiscard]] const Position* points() const noexcept { return points_.data(); }
    [[nodiscard]] std::size_t end_count() const noexcept { return end_count_; }

  private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    struct Chain {
        Position at;         // entry into the current row
        double bottom;       // its end
        std::uint32_t next;  // index of the vertex after `at`
        std::uint32_t end;   // one past its last vertex
        std::uint32_t part;
        std::uint32_t upper_end;
        std::uint32_t lower_end;
        std::uint32_t sibling;  // another chain that begins in the same row
    };

    void add_chain(std::size_t begin, std::size_t end, bool is_down, std::uint32_t from, std::uint32_t to,
                   std::uint32_t part);
    template <bool is_cut>
    void add_segment(Chain& chain);
    Position* add_cut(Position* points, const Position& before, const Position& point) const noexcept;

    std::int32_t rows_ = 0;
    double columns_ = 0.0;
    bool is_cut_ = false;
    std::int32_t row_ = -1;
    std::int32_t first_row_ = 0;
    std::int32_t last_row_ = 0;  // one past the last

    std::vector<Position> vertices_;
    std::size_t vertex_count_ = 0;
    Scratch<Chain> chains_;
    std::uint32_t end_count_ = 0;
    std::vector<std::uint32_t> first_of_row_;  // a chain that begins in the row
    std::vector<std::uint32_t> active_;        // chains of the current row

    Scratch<RowSegment> segments_;
    std::vector<Position> points_;
    std::size_t point_count_ = 0;
};

}  // namespace heatgrid
