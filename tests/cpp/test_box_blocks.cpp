// Boxes in blocks, several at once, beside the same boxes one by one.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "heatgrid/count/box_corners.hpp"
#include "heatgrid/shapes/box.hpp"
#include "shapes.hpp"

using heatgrid::Boxes;
using heatgrid::BoxOptions;
using heatgrid::Cells;
using heatgrid::DifferenceGrid;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::Rectangle;
using heatgrid::Sizes;
using heatgrid::check::infinity;
using heatgrid::check::not_a_number;

namespace {

constexpr Grid grid{60, 100};
// The same centers among others, and enough cells for corners to be counted in bytes.
constexpr Grid large_grid{180, 300};

// Many boxes that are nothing special.
std::vector<double> plain_boxes(std::size_t count) {
    std::vector<double> corners;
    for (std::size_t i = 0; i < count; ++i) {
        const double at = static_cast<double>(i % 16) / 32.0;
        corners.insert(corners.end(), {at + 0.013, at + 0.021, at + 0.377, at + 0.459});
    }
    return corners;
}

// What a coordinate may be: no number, beside the image, far away, on a center and next to one, on an edge.
std::vector<double> odd_coordinates() {
    std::vector<double> odd{not_a_number, infinity, -infinity, 1e300, -1e300, 1e8,  -1e8, 3e9,
                            -3e9,         5e-324,   -0.0,      0.0,   1.0,    1.25, -0.5};
    for (const double center : {(3 + 0.5) / 100, (37 + 0.5) / 100, (12 + 0.5) / 60, (59 + 0.5) / 60}) {
        for (const double v : {center, std::nextafter(center, 0.0), std::nextafter(center, 1.0)}) {
            odd.push_back(v);
        }
    }
    return odd;
}

std::vector<std::int64_t> sums_of(DifferenceGrid<std::uint32_t>& differences, Grid of) {
    std::vector<std::int64_t> sums(of.cells(), 0);
    differences.flush<Rectangle>(0, [&](std::size_t cell, std::uint32_t sum) { sums[cell] = sum; });
    return sums;
}

void compare_corners(const Boxes& boxes, Grid of) {
    if (!adds_corners(of, BoxOptions{})) return;
    const Cells cells(of);
    DifferenceGrid<std::uint32_t> corners(of);
    DifferenceGrid<std::uint32_t> expected(of);
    std::vector<Outcome> outcomes(boxes.count, Outcome::not_finite);
    for (std::size_t begin = 0; begin < boxes.count; begin += heatgrid::corner_block) {
        const std::size_t end = std::min(begin + heatgrid::corner_block, boxes.count);
        add_corners(boxes, begin, end, cells, corners, outcomes.data() + begin);
    }
    for (std::size_t i = 0; i < boxes.count; ++i) {
        const auto [one, outcome] = scan_box(boxes, i, cells, BoxOptions{});
        CHECK_EQUAL(outcomes[i], outcome);
        expected.add(0, one, 1);
    }
    CHECK(sums_of(corners, of) == sums_of(expected, of));
}

void compare(const Boxes& boxes) {
    compare_corners(boxes, grid);
    compare_corners(boxes, large_grid);
    const Cells cells(grid);
    std::vector<Rectangle> rectangles(boxes.count);
    std::vector<Outcome> outcomes(boxes.count, Outcome::not_finite);
    for (std::size_t begin = 0; begin < boxes.count; begin += heatgrid::box_block) {
        const std::size_t end = std::min(begin + heatgrid::box_block, boxes.count);
        scan_boxes(boxes, begin, end, cells, BoxOptions{}, rectangles.data() + begin,
                   outcomes.data() + begin);
    }
    for (std::size_t i = 0; i < boxes.count; ++i) {
        const auto [one, outcome] = scan_box(boxes, i, cells, BoxOptions{});
        CHECK_EQUAL(outcomes[i], outcome);
        if (outcome != Outcome::counted && outcome != Outcome::counted_as_point) continue;
        const Rectangle& r = rectangles[i];
        CHECK(r.left == one.left && r.right == one.right && r.top == one.top && r.bottom == one.bottom);
    }
}

// As normalized, by one size, and by sizes of their own, one of them `odd`.
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

// One rectangle for many, so that its corners run over; more than a block of them.
TEST(many_boxes_that_are_alike) {
    std::vector<double> corners;
    for (std::size_t i = 0; i < 3 * heatgrid::corner_block + 7; ++i) {
        corners.insert(corners.end(), {0.0, 0.0, 1.0, i % 500 == 3 ? 0.0001 : 1.0});
    }
    compare_corners({corners.data(), corners.size() / 4, {}}, grid);
    compare_corners({corners.data(), corners.size() / 4, {}}, large_grid);
}

// Side by side, tiny and turned ones among regular ones, none of them near a tie but by chance.
TEST(boxes_of_all_sizes_anywhere) {
    std::vector<double> corners;
    double at = 0.0;
    for (std::size_t i = 0; i < 5000; ++i) {
        const auto next = [&at] { return at = std::fmod(at + 0.6180339887498949, 1.0); };
        const double side = std::pow(10.0, -5.0 * next());
        const double x = 1.2 * next() - 0.1;
        const double y = 1.2 * next() - 0.1;
        const double w = i % 7 == 0 ? -side : side;
        corners.insert(corners.end(), {x, y, x + w, y + side * next()});
    }
    compare_all_sizes(corners, 427.0);
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
