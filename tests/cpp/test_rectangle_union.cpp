// The union of rectangles: what is hit several times counts once.
#include "heatgrid/count/rectangle_union.hpp"

#include <cstdint>
#include <random>
#include <vector>

#include "check.hpp"

using heatgrid::Grid;
using heatgrid::Rectangle;
using heatgrid::RectangleUnion;

namespace {

constexpr Grid grid{9, 13};

std::vector<int> painted(const std::vector<Rectangle>& rectangles) {
    std::vector<int> cells(grid.cells(), 0);
    for (const Rectangle& r : rectangles) {
        for (int y = r.top; y < r.bottom; ++y) {
            for (int x = r.left; x < r.right; ++x) cells[static_cast<std::size_t>(y * grid.columns + x)] = 1;
        }
    }
    return cells;
}

std::vector<int> united(RectangleUnion& image, const std::vector<Rectangle>& rectangles) {
    for (const Rectangle& r : rectangles) image.insert(r);
    std::vector<int> cells(grid.cells(), 0);
    image.consume([&](const Rectangle& r, int sign) {
        for (int y = r.top; y < r.bottom; ++y) {
            for (int x = r.left; x < r.right; ++x)
                cells[static_cast<std::size_t>(y * grid.columns + x)] += sign;
        }
    });
    return cells;
}

}  // namespace

TEST(rectangles_united_equal_rectangles_painted) {
    std::mt19937 random(3);
    RectangleUnion image(grid);
    const auto side = [&](int n) {
        return static_cast<std::int32_t>(random() % static_cast<unsigned>(n + 1));
    };
    for (int round = 0; round < 3000; ++round) {
        // Few and many, sparse and crowded: both ways of uniting.
        std::vector<Rectangle> rectangles(random() % (round % 10 == 0 ? 60 : 9));
        const int size = 1 + round % 9;
        for (Rectangle& r : rectangles) {
            r.left = side(grid.columns - 1);
            r.top = side(grid.rows - 1);
            r.right = std::min(grid.columns, r.left + side(size));
            r.bottom = std::min(grid.rows, r.top + side(size));
        }
        CHECK_EQUAL(united(image, rectangles) == painted(rectangles), true);
    }
}

TEST(nothing_stays_behind) {
    RectangleUnion image(grid);
    CHECK_EQUAL(united(image, {}) == painted({}), true);
    CHECK_EQUAL(united(image, {{0, 4, 0, 4}, {1, 5, 1, 5}}) == painted({{0, 4, 0, 4}, {1, 5, 1, 5}}), true);
    CHECK_EQUAL(united(image, {{2, 3, 2, 3}}) == painted({{2, 3, 2, 3}}), true);
}
