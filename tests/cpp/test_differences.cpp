// Difference grids: rectangles and runs go in by their ends and come out as counts.
#include "heatgrid/differences.hpp"

#include "shapes.hpp"

using heatgrid::DifferenceGrid;
using heatgrid::Grid;
using heatgrid::Rectangle;
using heatgrid::Run;
using heatgrid::check::Counted;

namespace {

constexpr Grid grid{3, 5};

Counted nothing() {
    Counted counted;
    counted.grid = grid;
    counted.values.assign(grid.cells(), 0);
    return counted;
}

}  // namespace

TEST(a_rectangle) {
    DifferenceGrid differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Rectangle{1, 4, 0, 2});
    differences.flush_rectangles(0, counted.values.data());
    CHECK_PICTURE(counted.picture(), R"(
        .111.
        .111.
        .....)");
}

TEST(rectangles_that_reach_the_far_edges) {
    DifferenceGrid differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Rectangle{0, 5, 0, 3});
    differences.add(0, Rectangle{4, 5, 2, 3});
    differences.add(0, Rectangle{0, 1, 0, 3});
    differences.flush_rectangles(0, counted.values.data());
    CHECK_PICTURE(counted.picture(), R"(
        21111
        21111
        21112)");
}

TEST(an_empty_rectangle_adds_nothing) {
    DifferenceGrid differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Rectangle{});
    differences.add(0, Rectangle{2, 2, 0, 3});
    differences.flush_rectangles(0, counted.values.data());
    CHECK_EQUAL(counted.picture(), nothing().picture());
}

TEST(runs) {
    DifferenceGrid differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Run{0, 1, 3});
    differences.add(0, Run{0, 2, 5});
    differences.add(0, Run{2, 0, 5});
    differences.flush_runs(0, counted.values.data());
    CHECK_PICTURE(counted.picture(), R"(
        .1211
        .....
        11111)");
}

TEST(a_flush_adds_and_empties_its_plane_alone) {
    DifferenceGrid differences(grid, 2);
    Counted counted = nothing();
    differences.add(0, Run{1, 0, 2});
    differences.add(1, Run{1, 3, 5});
    differences.flush_runs(0, counted.values.data());
    differences.flush_runs(0, counted.values.data());
    differences.flush_runs(1, counted.values.data());
    differences.add(0, Run{1, 0, 1});
    differences.flush_runs(0, counted.values.data());
    CHECK_PICTURE(counted.picture(), R"(
        .....
        21.11
        .....)");
}
