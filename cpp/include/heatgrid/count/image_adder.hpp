// The rectangles of one image after the other: every image adds 1 to each cell that they hit, and no more.
//
// On small grids images are counted bit by bit; images of few rectangles, and all images on large grids, are
// united by their edges: into corners, or, while the sink paints and in crowds, into rectangles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "heatgrid/count/corner_union.hpp"
#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/count/image_counts.hpp"
#include "heatgrid/count/rectangle_union.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

template <class Sink>
class ImageAdder {
  public:
    // Counting bit by bit ends with a pass over the grid, for which so many boxes pay.
    ImageAdder(Grid grid, std::size_t boxes, Sink& sink)
        : sink_(sink),
          takes_corners_(sink.differences() != nullptr),
          few_(ImageCounts::least_rectangles(grid)),
          union_(grid) {
        if (takes_corners_ && ImageCounts::fits(grid) && boxes >= grid.cells()) counts_.emplace(grid);
    }

    void add(const Rectangle* rectangles, std::size_t count) {
        if (counts_ && count >= few_) {
            counts_->add(rectangles, count);
        } else if (!counts_ && takes_corners_ && count <= CornerUnion::most_rectangles) {
            add_corners(rectangles, count);
        } else {
            for (std::size_t i = 0; i < count; ++i) union_.insert(rectangles[i]);
            union_.drain([&](const Rectangle& r, int sign) { sink_.add(0, r, sign); });
        }
    }

    void finish() {
        if (!counts_) return;
        counts_->drain([&](std::int32_t row, const std::uint32_t* counts) {
            sink_.differences()->add_row(row, counts);
        });
    }

  private:
    void add_corners(const Rectangle* rectangles, std::size_t count) {
        DifferenceGrid<std::uint32_t>& differences = *sink_.differences();
        const std::size_t stride = differences.stride();
        differences.cells().edit([&](const auto& change) {
            corners_.unite(rectangles, count, [&](std::int32_t row, std::int32_t column, int amount) {
                change(static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(column), amount);
            });
        });
    }

    Sink& sink_;
    bool takes_corners_;
    std::size_t few_;
    CornerUnion corners_;
    RectangleUnion union_;
    std::optional<ImageCounts> counts_;
};

}  // namespace heatgrid
