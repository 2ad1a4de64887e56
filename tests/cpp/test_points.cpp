// Points: the cell they lie in, the far edges belonging to the last.

#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::OutsidePoints;

namespace {

constexpr Grid grid{3, 4};

Options clamped() {
    Options options;
    options.outside = OutsidePoints::clamp;
    return options;
}

}  // namespace

TEST(a_point_hits_its_cell) {
    CHECK_PICTURE(picture(grid, Point{2.5, 1.5}), R"(
        ....
        ..1.
        ....)");
}

TEST(a_point_between_cells_belongs_to_the_right_and_lower_one) {
    CHECK_PICTURE(picture(grid, Point{1, 1}), R"(
        ....
        .1..
        ....)");
}

TEST(corners_of_the_image_hit_corners_of_the_grid) {
    const std::vector<Point> corners{{0, 0}, {4, 0}, {0, 3}, {4, 3}};
    CHECK_PICTURE(count(grid, corners).picture(), R"(
        1..1
        ....
        1..1)");
}

TEST(points_outside_are_dropped) {
    for (const Point& point :
         {Point{-0.1, 1}, Point{4.1, 1}, Point{1, -0.1}, Point{1, 3.1}, Point{-1e300, 1e300}}) {
        CHECK_EQUAL(outcome(grid, point), Outcome::outside);
        CHECK_PICTURE(picture(grid, point), R"(
            ....
            ....
            ....)");
    }
}

TEST(or_moved_to_the_nearest_cell) {
    const std::vector<Point> points{{-9, 1.5}, {1.5, -9}, {1e300, 1e300}};
    CHECK_PICTURE(count(grid, points, clamped()).picture(), R"(
        .1..
        1...
        ...1)");
}

TEST(a_point_that_is_not_finite_is_invalid) {
    for (const double bad : {not_a_number, infinity}) {
        CHECK_EQUAL(outcome(grid, Point{bad, 1}, clamped()), Outcome::not_finite);
        CHECK_EQUAL(outcome(grid, Point{1, -bad}, clamped()), Outcome::not_finite);
    }
}

TEST(points_add_up_by_class) {
    Options options;
    options.classes = 2;
    options.labels = {0, 1, 1, 0};
    const std::vector<Point> points{{0.5, 0.5}, {0.5, 0.5}, {0.5, 0.5}, {3.5, 2.5}};
    const Counted counted = count(grid, points, options);
    CHECK_PICTURE(counted.picture(0), R"(
        1...
        ....
        ...1)");
    CHECK_PICTURE(counted.picture(1), R"(
        2...
        ....
        ....)");
}
