// Covered share of each cell in a row, accumulated from the boundary segments that pass through the row.
//
// A segment with a sign represents the area to its right, up to the end of the row: + where the shape begins,
// - where it ends. Coordinates are in cells, x in [0, columns]. A cell that a segment passes through stores
// two numbers: the height, which also holds for all cells to the right, and the area between the cell's left
// side and the segment. This is the accumulation buffer of signed areas of font rasterizers; see R. Levien,
// "Inside the fastest font renderer in the world" (2016). O(1) per segment and cell; consuming a row costs
// O(1) per cell that is partly covered, plus one step per 64 cells. Sums are exact to 2^-48 of the heights
// added in the row; what is nearer to 0 or 1 is rounded to it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/shapes/orientation.hpp"
#include "heatgrid/simd/bits.hpp"
#include "heatgrid/simd/double2.hpp"

namespace heatgrid {

class RowCover {
  public:
    /// A row of `columns` cells, plus one for rounding beyond its end.
    explicit RowCover(std::int32_t columns)
        : cells_(static_cast<std::size_t>(columns) + 2),
          marks_(cells_.size() / 64 + 1, 0),
          first_(marks_.size()) {}

    /// Adds a polyline that leads down, and keeps between two x.
    void add(const Position* begin, const Position* end, double left, double right, double sign) noexcept {
        first_ = std::min(first_, static_cast<std::size_t>(left) / 64);
        last_ = std::max(last_, static_cast<std::size_t>(right) / 64);
        heights_ += end[-1].y - begin->y;
        for (const Position* a = begin; a + 1 < end; ++a) add_edge(a[0], a[1], (a[1].y - a[0].y) * sign);
    }

    /// Calls take_run(first, last) and take_partial(column, fraction) for what is covered of the first
    /// `columns` cells, from left to right, and clears the row.
    template <class TakeRun, class TakePartial>
    void consume(std::int32_t columns, TakeRun&& take_run, TakePartial&& take_partial) {
        const double tolerance = heights_ * 0x1p-48;
        const double whole = 1.0 - tolerance;
        double height = 0.0;      // of all segments so far
        std::int32_t done = 0;    // cells before this one are done
        std::int32_t first = -1;  // of the open run, or -1
        const auto cover = [&](std::int32_t column, double fraction) {
            if (fraction < whole) {
                if (first >= 0) take_run(first, column);
                first = -1;
                if (fraction > tolerance) take_partial(column, fraction);
            } else if (first < 0) {
                first = column;
            }
        };
        // Cells without a segment are covered to the same share.
        const auto cover_up_to = [&](std::int32_t column) {
            cover(done, height);
            if (height > tolerance && height < whole) {
                while (++done < column) cover(done, height);
            }
        };
        for (std::size_t w = first_; w <= last_ && w < marks_.size(); ++w) {
            for (std::uint64_t bits = marks_[w]; bits; bits &= bits - 1) {
                const std::int32_t column = static_cast<std::int32_t>(w * 64) + lowest_bit(bits);
                Cell& cell = cells_[static_cast<std::size_t>(column)];
                if (column < columns) {
                    if (done < column) cover_up_to(column);
                    height += cell.height();
                    cover(column, height - cell.lacking());
                    done = column + 1;
                }
                cell = Cell{};
            }
            marks_[w] = 0;
        }
        if (done < columns) cover_up_to(columns);
        if (first >= 0) take_run(first, columns);
        first_ = marks_.size();
        last_ = 0;
        heights_ = 0.0;
    }

  private:
    struct Cell {
        double sums[2] = {0.0, 0.0};  // height, and height times distance: the uncovered area on the left

        [[nodiscard]] double height() const noexcept { return sums[0]; }
        [[nodiscard]] double lacking() const noexcept { return sums[1]; }
    };

    void add_edge(const Position& a, const Position& b, double height) noexcept {
        const double low = std::min(a.x, b.x);
        const double high = std::max(a.x, b.x);
        auto column = static_cast<std::int32_t>(low);
        double left = column;
        if (high <= left + 1.0) {
            add_cell(column, height, ((low - left) + (high - left)) * 0.5);
            return;
        }
        const double slope = height / (high - low);
        double from = low - left;  // where the edge enters the cell, from its left side
        do {
            add_cell(column, (1.0 - from) * slope, (1.0 + from) * 0.5);
            from = 0.0;
            left += 1.0;
            ++column;
        } while (high > left + 1.0);
        add_cell(column, (high - left) * slope, (high - left) * 0.5);
    }

    // Adds an edge within one cell, by its mean distance from the cell's left side.
    void add_cell(std::int32_t column, double height, double distance) noexcept {
        const auto at = static_cast<std::size_t>(column);
        double* const cell = cells_[at].sums;
        (Double2::load(cell) + Double2(height, height * distance)).store(cell);
        marks_[at / 64] |= std::uint64_t{1} << (at % 64);
    }

    std::vector<Cell> cells_;
    std::vector<std::uint64_t> marks_;  // of the cells that an edge passes through
    std::size_t first_;                 // word with a mark
    std::size_t last_ = 0;
    double heights_ = 0.0;
};

}  // namespace heatgrid
