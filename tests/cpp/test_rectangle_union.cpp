// The corners of a union: summed up, they are the rectangles painted.
#include "heatgrid/count/rectangle_union.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include "check.hpp"

using heatgrid::Rectangle;
using heatgrid::RectangleUnion;

namespace {

using Values = std::vector<int>;

// One row and one column more than the grid, which is a square.
std::size_t at(std::int32_t side, std::int32_t row, std::int32_t column) {
    return static_cast<std::size_t>(row * (side + 1) + column);
}

// Differences of cells that are 1 where a rectangle is.
Values differences(std::int32_t side, const std::vector<Rectangle>& rectangles) {
    Values cells(at(side, side, side) + 1, 0);
    for (const Rectangle& r : rectangles) {
        for (int y = r.top; y < r.bottom; ++y) {
            for (int x = r.left; x < r.right; ++x) cells[at(side, y, x)] = 1;
        }
    }
    Values found(cells);
    for (int y = 0; y <= side; ++y) {
        for (int x = 0; x <= side; ++x) {
            if (x > 0) found[at(side, y, x)] -= cells[at(side, y, x - 1)];
            if (y > 0) found[at(side, y, x)] -= cells[at(side, y - 1, x)];
            if (x > 0 && y > 0) found[at(side, y, x)] += cells[at(side, y - 1, x - 1)];
        }
    }
    return found;
}

Values corners_of(RectangleUnion& image, std::int32_t side, const std::vector<Rectangle>& rectangles) {
    Values found(at(side, side, side) + 1, 0);
    image.unite(rectangles.data(), rectangles.size(), [&](std::int32_t row, std::int32_t column, int amount) {
        CHECK(amount == 1 || amount == -1);
        found[at(side, row, column)] += amount;
    });
    return found;
}

// Random rectangles, some of them empty.
void compare(std::int32_t side, std::size_t most, int rounds) {
    std::mt19937 random(5);
    RectangleUnion image({side, side});
    const auto below = [&](int n) { return static_cast<std::int32_t>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < rounds; ++round) {
        std::vector<Rectangle> rectangles(random() % (most + 1));
        const int longest = 1 + round % side;
        for (Rectangle& r : rectangles) {
            r.left = below(side);
            r.top = below(side);
            r.right = std::min(side, r.left + below(longest + 1));
            r.bottom = std::min(side, r.top + below(longest + 1));
        }
        CHECK(corners_of(image, side, rectangles) == differences(side, rectangles));
    }
}

}  // namespace

TEST(edges_that_are_compared_with_each_other) { compare(70, 32, 2000); }

TEST(edges_that_are_sorted) { compare(400, 190, 100); }

TEST(more_edges_than_the_grid_has_cells) {
    compare(12, 32, 5000);
    compare(63, 100, 500);
    compare(64, 100, 500);
    compare(130, 200, 200);
}

TEST(rectangles_that_touch_at_their_corners) {
    RectangleUnion image({12, 12});
    for (const std::vector<Rectangle>& rectangles : {std::vector<Rectangle>{{0, 4, 0, 4}, {4, 9, 4, 9}},
                                                     std::vector<Rectangle>{{4, 9, 0, 4}, {0, 4, 4, 9}}}) {
        const Values found = corners_of(image, 12, rectangles);
        CHECK(found == differences(12, rectangles));
        CHECK_EQUAL(found[at(12, 4, 4)] * found[at(12, 4, 4)], 4);
    }
}
