// Rectangles of one image after another: every image adds at most 1 to each cell.
//
// One or two rectangles are added by inclusion-exclusion. On small grids, other images are counted as bit
// planes; on large ones, by the corners of their union. While cells are painted, images are united as sets of
// cells.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "heatgrid/count/accumulator.hpp"
#include "heatgrid/count/bit_plane_counter.hpp"
#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/count/rectangle_union.hpp"
#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

template <class Accumulator>
class ImageUnion {
  public:
    ImageUnion(Grid grid, Accumulator& accumulator) : accumulator_(accumulator), cells_(grid), union_(grid) {
        if (accumulator.method() == Method::bit_planes) counts_.emplace(grid);
    }

    void add(const Rectangle* rectangles, std::size_t count) {
        if (count <= 2) {
            add_two(rectangles[0], count == 2 ? rectangles[1] : Rectangle{});
        } else if (counts_) {
            counts_->add(rectangles, count);
        } else if (accumulator_.differences()) {
            add_corners(rectangles, count);
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                const Rectangle& r = rectangles[i];
                if (r.left >= r.right) continue;
                for (std::int32_t row = r.top; row < r.bottom; ++row) cells_.insert({row, r.left, r.right});
            }
            cells_.consume_runs([&](const Run& run) {
                accumulator_.add(0, Rectangle{run.first, run.last, run.row, run.row + 1}, 1);
            });
        }
    }

    void finish() {
        if (!counts_) return;
        counts_->consume([&](std::int32_t row, const std::uint32_t* counts) {
            accumulator_.differences()->add_row(row, counts);
        });
    }

  private:
    void add_two(const Rectangle& a, const Rectangle& b) {
        const Rectangle common{std::max(a.left, b.left), std::min(a.right, b.right), std::max(a.top, b.top),
                               std::min(a.bottom, b.bottom)};
        accumulator_.add(0, a, 1);
        accumulator_.add(0, b, 1);
        if (common.left < common.right && common.top < common.bottom) accumulator_.add(0, common, -1);
    }

    void add_corners(const Rectangle* rectangles, std::size_t count) {
        DifferenceGrid<std::uint32_t>& differences = *accumulator_.differences();
        const std::size_t stride = differences.stride();
        std::uint32_t* const cells = differences.cells();
        union_.unite(rectangles, count, [=](std::int32_t row, std::int32_t column, int amount) {
            cells[static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column)] +=
                static_cast<std::uint32_t>(amount);
        });
    }

    Accumulator& accumulator_;
    CellSet cells_;
    RectangleUnion union_;
    std::optional<BitPlaneCounter> counts_;
};

}  // namespace heatgrid
