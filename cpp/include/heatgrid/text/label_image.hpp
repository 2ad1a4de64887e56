// Label images to masks: the run lengths and the bounding box of each label that is present.
//
// Method: one pass finds the intervals of equal pixels, eight bytes at a time; they are then dealt out to
// their labels. O(pixels + intervals), and O(labels log labels) to put the labels in order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/text/column.hpp"

namespace heatgrid {

/// Masks of the labels of an image, in the order of the labels.
struct LabelMasks {
    Column<std::int64_t> labels;
    Column<std::int64_t> runs;     ///< along rows: unset and set pixels in turn, and unset ones at the end
    Column<std::int64_t> offsets;  ///< of each label's runs, and their number
    Column<double> boxes;          ///< left, top, right, bottom of each label, in pixels
};

/// Returns the masks of an image of `height` x `width` pixels. Throws std::bad_alloc.
template <class Pixel>
[[nodiscard]] LabelMasks label_masks(const Pixel* pixels, std::size_t height, std::size_t width);

}  // namespace heatgrid
