// The cell rule, beside the plainest way to say it: compare with every center.
#include <cmath>
#include <vector>

#include "check.hpp"
#include "heatgrid/grid/cells.hpp"

namespace {

using namespace heatgrid::check;
using heatgrid::Axis;

std::int32_t count_centers_below(const Axis& axis, double v) {
    std::int32_t n = 0;
    while (n < axis.cells() && axis.center(n) < v) ++n;
    return n;
}

std::int32_t count_centers_up_to(const Axis& axis, double v) {
    std::int32_t n = 0;
    while (n < axis.cells() && axis.center(n) <= v) ++n;
    return n;
}

// v, and the doubles on both sides of it.
std::vector<double> beside(double v) {
    return {std::nextafter(v, -infinity), v, std::nextafter(v, infinity)};
}

void check_axis(std::int32_t cells) {
    const Axis axis(cells);
    for (std::int32_t half = 0; half <= 2 * cells; ++half) {
        for (const double v : beside(0.5 * half / cells)) {
            CHECK_EQUAL(axis.centers_below(v), count_centers_below(axis, v));
            CHECK_EQUAL(axis.centers_up_to(v), count_centers_up_to(axis, v));
        }
    }
    for (std::int32_t cell = 0; cell < cells; ++cell) {
        for (const double v : beside(axis.center(cell))) {
            CHECK_EQUAL(axis.centers_below(v), count_centers_below(axis, v));
            CHECK_EQUAL(axis.centers_up_to(v), count_centers_up_to(axis, v));
        }
    }
}

}  // namespace

TEST(centers_are_counted_exactly_at_and_near_every_tie) {
    for (std::int32_t cells = 1; cells <= 130; ++cells) check_axis(cells);
    check_axis(1000);
}

TEST(ties_of_the_largest_axis_are_decided_by_the_center) {
    const Axis axis(heatgrid::max_cells_per_axis - 1);
    for (const std::int32_t cell : {0, 1, 12345678, axis.cells() / 2, axis.cells() - 2, axis.cells() - 1}) {
        const double center = axis.center(cell);
        CHECK_EQUAL(axis.centers_below(center), cell);
        CHECK_EQUAL(axis.centers_up_to(center), cell + 1);
        CHECK_EQUAL(axis.centers_up_to(std::nextafter(center, 0.0)), cell);
        CHECK_EQUAL(axis.centers_below(std::nextafter(center, 1.0)), cell + 1);
    }
}

TEST(any_double_has_an_answer) {
    const Axis axis(7);
    for (const double v : {not_a_number, -infinity, -largest, -1.0, -0.0, 0.0}) {
        CHECK_EQUAL(axis.centers_below(v), 0);
        CHECK_EQUAL(axis.centers_up_to(v), 0);
    }
    for (const double v : {1.0, 2.0, 1e300, largest, infinity}) {
        CHECK_EQUAL(axis.centers_below(v), 7);
        CHECK_EQUAL(axis.centers_up_to(v), 7);
        CHECK_EQUAL(axis.cell_of(v), 6);
    }
}

TEST(the_far_edge_belongs_to_the_last_cell) {
    const Axis axis(4);
    CHECK_EQUAL(axis.cell_of(0.0), 0);
    CHECK_EQUAL(axis.cell_of(0.25), 1);
    CHECK_EQUAL(axis.cell_of(std::nextafter(0.25, 0.0)), 0);
    CHECK_EQUAL(axis.cell_of(std::nextafter(1.0, 0.0)), 3);
    CHECK_EQUAL(axis.cell_of(1.0), 3);
}

TEST(an_extent_touches_the_cells_it_overlaps_with_area) {
    const Axis axis(4);
    CHECK_EQUAL(axis.first_touched(0.25), 1);
    CHECK_EQUAL(axis.last_touched(0.75), 3);
    CHECK_EQUAL(axis.first_touched(std::nextafter(0.25, 0.0)), 0);
    CHECK_EQUAL(axis.last_touched(std::nextafter(0.75, 1.0)), 4);
    CHECK_EQUAL(axis.last_touched(1.0), 4);
}

TEST(clamping_maps_not_a_number_to_zero) {
    CHECK_EQUAL(heatgrid::clamp_to_unit(not_a_number), 0.0);
    CHECK_EQUAL(heatgrid::clamp_to_unit(-infinity), 0.0);
    CHECK_EQUAL(heatgrid::clamp_to_unit(0.3), 0.3);
    CHECK_EQUAL(heatgrid::clamp_to_unit(infinity), 1.0);
}

TEST(an_image_size_is_finite_and_positive) {
    CHECK(heatgrid::is_size(640.0, 480.0));
    for (const double bad : {0.0, -1.0, not_a_number, infinity}) {
        CHECK(!heatgrid::is_size(bad, 480.0));
        CHECK(!heatgrid::is_size(640.0, bad));
    }
}
