// Rectangles of one image after another: every image adds at most 1 to each cell.
//
// On small grids, images are counted as bit planes. Images of few rectangles, and all images on large grids,
// are united by their edges: to the corners of the union, or, while cells are painted and for many
// rectangles, to rectangles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "heatgrid/count/bit_plane_counter.hpp"
#include "heatgrid/count/corner_union.hpp"
#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/count/rectangle_union.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

template <class Accumulator>
class ImageUnion {
  public:
    /// Bit planes end with a pass over the grid, which pays off for so many boxes.
    ImageUnion(Grid grid, std::size_t boxes, Accumulator& accumulator)
        : accumulator_(accumulator),
          takes_corners_(accumulator.differences() != nullptr),
          few_(BitPlaneCounter::least_rectangles(grid)),
          union_(grid) {
        if (takes_corners_ && BitPlaneCounter::fits(grid) && boxes >= grid.cells()) counts_.emplace(grid);
    }

    void add(const Rectangle* rectangles, std::size_t count) {
        if (counts_ && count >= few_) {
            counts_->add(rectangles, count);
        } else if (!counts_ && takes_corners_ && count <= CornerUnion::most_rectangles) {
            add_corners(rectangles, count);
        } else {
            for (std::size_t i = 0; i < count; ++i) union_.insert(rectangles[i]);
            union_.consume([&](const Rectangle& r, int sign) { accumulator_.add(0, r, sign); });
        }
    }

    void finish() {
        if (!counts_) return;
        counts_->consume([&](std::int32_t row, const std::uint32_t* counts) {
            accumulator_.differences()->add_row(row, counts);
        });
    }

  private:
    void add_corners(const Rectangle* rectangles, std::size_t count) {
        DifferenceGrid<std::uint32_t>& differences = *accumulator_.differences();
        const std::size_t stride = differences.stride();
        std::uint32_t* const cells = differences.cells();
        corners_.unite(rectangles, count, [=](std::int32_t row, std::int32_t column, int amount) {
            cells[static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column)] +=
                static_cast<std::uint32_t>(amount);
        });
    }

    Accumulator& accumulator_;
    bool takes_corners_;
    std::size_t few_;
    CornerUnion corners_;
    RectangleUnion union_;
    std::optional<BitPlaneCounter> counts_;
};

}  // namespace heatgrid
