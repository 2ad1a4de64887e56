// The side of a line that a point lies on, exactly; and where a line crosses a height, however far it
// reaches.
#include "heatgrid/shapes/orientation.hpp"

#include <cmath>
#include <cstdint>
#include <random>

#include "check.hpp"

using namespace heatgrid::check;
using heatgrid::crossing;
using heatgrid::orientation;
using heatgrid::Position;

namespace {

constexpr double smallest = std::numeric_limits<double>::denorm_min();

int sign_of(std::int64_t value) { return static_cast<int>(value > 0) - static_cast<int>(value < 0); }

}  // namespace

TEST(the_side_of_a_line_that_leads_downwards_is_its_x_less_that_of_the_point) {
    CHECK_EQUAL(orientation({0, 0}, {0, 2}, {1, 1}), -1);
    CHECK_EQUAL(orientation({0, 0}, {0, 2}, {-1, 1}), 1);
    CHECK_EQUAL(orientation({0, 0}, {0, 2}, {0, 1}), 0);
    CHECK_EQUAL(orientation({0, 0}, {0, 2}, {0, 9}), 0);
}

// Points so near to a line that products of doubles tell nothing: whole numbers of 2^-53 do.
TEST(points_next_to_a_diagonal_are_on_one_side) {
    std::mt19937_64 random(1);
    const auto at = [](std::int64_t steps) { return 0.5 + static_cast<double>(steps) * 0x1p-53; };
    for (int i = 0; i < 20000; ++i) {
        std::int64_t steps[6];
        for (std::int64_t& step : steps) step = static_cast<std::int64_t>(random() % 64);
        if (i % 2) {  // a line that goes on for long
            steps[2] += 12 << 20;
            steps[3] += 12 << 20;
        }
        const std::int64_t expected =
            (steps[2] - steps[0]) * (steps[5] - steps[1]) - (steps[3] - steps[1]) * (steps[4] - steps[0]);
        CHECK_EQUAL(orientation({at(steps[0]), at(steps[1])}, {at(steps[2]), at(steps[3])},
                                {at(steps[4]), at(steps[5])}),
                    sign_of(expected));
    }
}

TEST(turning_the_triangle_round_keeps_the_side_and_swapping_two_corners_turns_it) {
    const double values[] = {0,     1,      -1,      0.5,      3,        1.0 / 3, 1e-300,  -1e-300,
                             1e300, -1e300, largest, -largest, smallest, 1e17,    0x1p-60, -smallest};
    std::mt19937_64 random(2);
    const auto any = [&] { return values[random() % 16]; };
    for (int i = 0; i < 5000; ++i) {
        const Position a{any(), any()};
        const Position b{any(), any()};
        const Position c{any(), any()};
        const int side = orientation(a, b, c);
        CHECK_EQUAL(orientation(b, c, a), side);
        CHECK_EQUAL(orientation(c, a, b), side);
        CHECK_EQUAL(orientation(b, a, c), -side);
        CHECK_EQUAL(orientation(a, b, a), 0);
        CHECK_EQUAL(orientation(a, b, b), 0);
    }
}

TEST(no_coordinate_is_too_large_or_too_small) {
    CHECK_EQUAL(orientation({0, 0}, {largest, largest}, {smallest, smallest}), 0);
    CHECK_EQUAL(orientation({0, 0}, {largest, largest}, {smallest, 2 * smallest}), 1);
    CHECK_EQUAL(orientation({-largest, -largest}, {largest, largest}, {1, 1}), 0);
    CHECK_EQUAL(orientation({-largest, -largest}, {largest, largest}, {std::nextafter(1.0, 2.0), 1}), -1);
    CHECK_EQUAL(orientation({smallest, 0}, {2, 2}, {1, 1}), 1);
    CHECK_EQUAL(orientation({-smallest, 0}, {2, 2}, {1, 1}), -1);
    CHECK_EQUAL(orientation({0, 0}, {smallest, smallest}, {largest, std::nextafter(largest, 0.0)}), -1);
}

TEST(a_line_crosses_a_height_where_it_does_however_far_it_reaches) {
    CHECK_EQUAL(crossing({0, 0}, {4, 8}, 2), 1.0);
    CHECK_EQUAL(crossing({4, 8}, {0, 0}, 2), 1.0);
    const auto crosses = [](const Position& a, const Position& b, double y, double expected) {
        CHECK(std::fabs(crossing(a, b, y) - expected) <= std::fabs(expected) * 0x1p-50);
    };
    crosses({5, -1e300}, {5, 1e300}, 7, 5);
    crosses({-1e300, -1e300}, {1e300, 1e300}, 7, 7);
    crosses({-largest, -largest}, {largest, largest}, 0.75, 0.75);
    crosses({0x1p80, 0}, {-0x1p80 + 0x1p30, 2}, 1, 0x1p29);
    crosses({1, -3e17}, {0, 1e17}, 0, 0.25);
    crosses({smallest, -1e300}, {3 * smallest, 1e300}, 0, 2 * smallest);
}
