// The rectangles of one image after the other: every image adds 1 to each cell that they hit, and no more.
//
// On small grids images are counted bit by bit; images of few rectangles, and all images on large grids, are
// united as rectangles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "heatgrid/grid.hpp"
#include "heatgrid/image_counts.hpp"
#include "heatgrid/rectangle_union.hpp"

namespace heatgrid {

template <class Sink>
class ImageAdder {
  public:
    // Counting bit by bit ends with a pass over the grid, for which so many boxes pay.
    ImageAdder(Grid grid, std::size_t boxes, Sink& sink)
        : sink_(sink), few_(ImageCounts::least_rectangles(grid)), union_(grid) {
        if (sink.differences() && ImageCounts::fits(grid) && boxes >= grid.cells()) counts_.emplace(grid);
    }

    void add(const Rectangle* rectangles, std::size_t count) {
        if (count >= few_ && counts_) {
            counts_->add(rectangles, count);
            return;
        }
        for (std::size_t i = 0; i < count; ++i) union_.insert(rectangles[i]);
        union_.drain(
            [&](const Rectangle& r, int sign) { sink_.add(0, r, static_cast<std::uint32_t>(sign)); });
    }

    void finish() {
        if (!counts_) return;
        counts_->drain([&](std::int32_t row, const std::uint32_t* counts) {
            sink_.differences()->add_row(row, counts);
        });
    }

  private:
    Sink& sink_;
    std::size_t few_;
    RectangleUnion union_;
    std::optional<ImageCounts> counts_;
};

}  // namespace heatgrid
