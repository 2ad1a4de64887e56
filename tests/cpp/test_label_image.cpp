// Label images: runs, order and boxes of labels, for pixels of every size.
#include "heatgrid/text/label_image.hpp"

#include <string>
#include <vector>

#include "check.hpp"

using heatgrid::LabelMasks;
using namespace heatgrid::check;

namespace {

template <class Value>
std::string text(const heatgrid::Column<Value>& column) {
    std::string found;
    for (std::size_t i = 0; i < column.size(); ++i) {
        found += std::to_string(static_cast<std::int64_t>(column[i])) + " ";
    }
    return found;
}

template <class Pixel>
void check_picture() {
    const std::vector<Pixel> pixels{
        7, 7, 0, 0,  //
        0, 7, 7, 0,  //
        9, 9, 9, 9,
    };
    const LabelMasks masks = heatgrid::label_masks(pixels.data(), 3, 4);
    CHECK_EQUAL(text(masks.labels), "0 7 9 ");
    CHECK_EQUAL(text(masks.runs), "2 3 2 1 4 0 2 3 2 5 8 4 0 ");
    CHECK_EQUAL(text(masks.offsets), "0 5 10 13 ");
    CHECK_EQUAL(text(masks.boxes), "0 0 4 2 0 0 3 2 0 2 4 3 ");
}

}  // namespace

TEST(labels_of_an_image_of_every_pixel_size) {
    check_picture<std::uint8_t>();
    check_picture<std::uint16_t>();
    check_picture<std::uint32_t>();
    check_picture<std::int64_t>();
}

TEST(an_image_without_pixels_has_no_labels) {
    const LabelMasks masks = heatgrid::label_masks<std::uint8_t>(nullptr, 0, 4);
    CHECK_EQUAL(masks.labels.size(), 0U);
    CHECK_EQUAL(text(masks.offsets), "0 ");
}
