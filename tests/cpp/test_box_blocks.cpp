// Boxes in blocks, several at once, beside the same boxes one by one.

#include <cmath>
#include <cstddef>
#include <vector>

#include "heatgrid/box.hpp"
#include "shapes.hpp"

using heatgrid::Boxes;
using heatgrid::BoxOptions;
using heatgrid::Cells;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::Rectangle;
using heatgrid::Sizes;
using heatgrid::check::infinity;
using heatgrid::check::not_a_number;

namespace {

constexpr Grid grid{60, 100};

// Many boxes that are nothing special.
std::vector<double> plain_boxes(std::size_t count) {
    std::vector<double> corners;
    for (std::size_t i = 0; i < count; ++i) {
        const double at = static_cast<double>(i % 16) / 32.0;
        corners.insert(corners.end(), {at + 0.013, at + 0.021, at + 0.377, at + 0.459});
    }
    return corners;
}

// What a coordinate may be: no number, beside the image, far away, on a centre and next to one, on an edge.
std::vector<double> odd_coordinates() {
    std::vector<double> odd{not_a_number, infinity, -infinity, 1e300, -1e300, 1e8,  -1e8, 3e9,
                            -3e9,         5e-324,   -0.0,      0.0,   1.0,    1.25, -0.5};
    for (const double centre : {(3 + 0.5) / 100, (37 + 0.5) / 100, (12 + 0.5) / 60, (59 + 0.5) / 60}) {
        for (const double v : {centre, std::nextafter(centre, 0.0), std::nextafter(centre, 1.0)}) {
            odd.push_back(v);
        }
    }
    return odd;
}

void compare(const Boxes& boxes) {
    const Cells cells(grid);
    std::vector<Rectangle> rectangles(boxes.count);
    std::vector<Outcome> outcomes(boxes.count, Outcome::invalid);
    scan_boxes(boxes, 0, boxes.count, cells, BoxOptions{}, rectangles.data(), outcomes.data());
    for (std::size_t i = 0; i < boxes.count; ++i) {
        const auto [one, outcome] = scan_box(boxes, i, cells, BoxOptions{});
        CHECK_EQUAL(outcomes[i], outcome);
        if (outcome != Outcome::counted && outcome != Outcome::fallback) continue;
        const Rectangle& r = rectangles[i];
        CHECK(r.left == one.left && r.right == one.right && r.top == one.top && r.bottom == one.bottom);
    }
}

// As normalised, by one size, and by sizes of their own, one of them `odd`.
void compare_all_sizes(const std::vector<double>& corners, double odd) {
    const std::size_t count = corners.size() / 4;
    compare({corners.data(), count, {}});
    std::vector<double> pixels(corners);
    std::vector<double> sizes;
    for (std::size_t i = 0; i < count; ++i) {
        const double width = 640.0 + static_cast<double>(i);
        const double height = i == count / 2 ? odd : 427.0;
        sizes.insert(sizes.end(), {width, height});
        for (std::size_t k = 0; k < 4; ++k) pixels[4 * i + k] *= k % 2 == 0 ? width : 427.0;
    }
    compare({pixels.data(), count, Sizes{sizes.data(), 2}});
    compare({pixels.data(), count, Sizes{sizes.data(), 0}});
}

}  // namespace

TEST(blocks_of_any_length_are_their_boxes) {
    for (std::size_t count = 1; count < 40; ++count) compare_all_sizes(plain_boxes(count), 427.0);
    compare_all_sizes(plain_boxes(heatgrid::box_block), 427.0);
}

TEST(an_odd_coordinate_in_any_place_of_a_block) {
    for (const double odd : odd_coordinates()) {
        for (std::size_t place = 0; place < 12; ++place) {
            std::vector<double> corners = plain_boxes(44);
            corners[4 * 40 + place] = odd;
            compare_all_sizes(corners, 427.0);
        }
    }
}

TEST(boxes_that_are_all_small_or_turned) {
    for (const double side : {0.2, 0.01, 0.001, 0.0}) {
        std::vector<double> corners = plain_boxes(50);
        for (std::size_t i = 0; i < 50; ++i) {
            corners[4 * i + 2] = corners[4 * i] - side;
            corners[4 * i + 3] = corners[4 * i + 1] + side;
        }
        for (const double odd : odd_coordinates()) {
            corners[4 * 40 + 1] = odd;
            compare_all_sizes(corners, 427.0);
        }
    }
}

TEST(an_odd_size_spoils_its_own_box_only) {
    for (const double odd : {0.0, -3.0, not_a_number, infinity, 1e300, 1e-310, 5e-324}) {
        compare_all_sizes(plain_boxes(44), odd);
    }
}
