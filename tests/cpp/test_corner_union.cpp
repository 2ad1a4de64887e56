// The corners of a union: summed up, they are the rectangles painted.
#include "heatgrid/count/corner_union.hpp"

#include <random>
#include <vector>

#include "check.hpp"

using heatgrid::CornerUnion;
using heatgrid::Rectangle;

namespace {

constexpr std::int32_t side = 12;

using Values = std::vector<int>;

std::size_t at(std::int32_t row, std::int32_t column) {
    return static_cast<std::size_t>(row * (side + 1) + column);
}

// Differences of cells that are 1 where a rectangle is.
Values differences(const std::vector<Rectangle>& rectangles) {
    Values cells((side + 1) * (side + 1), 0);
    for (const Rectangle& r : rectangles) {
        for (int y = r.top; y < r.bottom; ++y) {
            for (int x = r.left; x < r.right; ++x) cells[at(y, x)] = 1;
        }
    }
    Values found(cells);
    for (int y = 0; y <= side; ++y) {
        for (int x = 0; x <= side; ++x) {
            if (x > 0) found[at(y, x)] -= cells[at(y, x - 1)];
            if (y > 0) found[at(y, x)] -= cells[at(y - 1, x)];
            if (x > 0 && y > 0) found[at(y, x)] += cells[at(y - 1, x - 1)];
        }
    }
    return found;
}

Values corners_of(CornerUnion& image, const std::vector<Rectangle>& rectangles) {
    Values found((side + 1) * (side + 1), 0);
    image.unite(rectangles.data(), rectangles.size(), [&](std::int32_t row, std::int32_t column, int amount) {
        CHECK(amount == 1 || amount == -1);
        found[at(row, column)] += amount;
    });
    return found;
}

}  // namespace

TEST(corners_of_a_union_are_those_of_its_picture) {
    std::mt19937 random(5);
    CornerUnion image;
    const auto below = [&](int n) { return static_cast<std::int32_t>(random() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 20000; ++round) {
        const std::size_t most = round % 10 == 0 ? CornerUnion::most_rectangles : 9;
        std::vector<Rectangle> rectangles(random() % (most + 1));
        const int longest = 1 + round % side;
        for (Rectangle& r : rectangles) {
            r.left = below(side);
            r.top = below(side);
            r.right = std::min(side, r.left + below(longest + 1));
            r.bottom = std::min(side, r.top + below(longest + 1));
        }
        CHECK(corners_of(image, rectangles) == differences(rectangles));
    }
}

TEST(rectangles_that_touch_at_their_corners) {
    CornerUnion image;
    for (const std::vector<Rectangle>& rectangles : {std::vector<Rectangle>{{0, 4, 0, 4}, {4, 9, 4, 9}},
                                                     std::vector<Rectangle>{{4, 9, 0, 4}, {0, 4, 4, 9}}}) {
        const Values found = corners_of(image, rectangles);
        CHECK(found == differences(rectangles));
        CHECK_EQUAL(found[at(4, 4)] * found[at(4, 4)], 4);
    }
}

TEST(as_many_edges_as_there_may_be) {
    std::vector<Rectangle> stairs;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(CornerUnion::most_rectangles); ++i) {
        stairs.push_back({1000000 * i, 1000000 * i + 64000000, 3 * i, 3 * i + 1});
    }
    CornerUnion image;
    std::size_t corners = 0;
    image.unite(stairs.data(), stairs.size(), [&](std::int32_t, std::int32_t, int) { ++corners; });
    CHECK_EQUAL(corners, 4 * stairs.size());
}
