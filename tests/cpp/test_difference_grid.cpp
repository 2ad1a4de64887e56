// Difference grids: rectangles and runs go in by their ends and come out as counts.
#include "heatgrid/count/difference_grid.hpp"

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

auto add_to(std::int64_t* counts) {
    return [counts](std::size_t cell, std::uint32_t sum) { counts[cell] += sum; };
}

}  // namespace

TEST(a_rectangle) {
    DifferenceGrid<std::uint32_t> differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Rectangle{1, 4, 0, 2}, 1);
    differences.flush<Rectangle>(0, add_to(counted.values.data()));
    CHECK_PICTURE(counted.picture(), R"(
        .111.
        .111.
        .....)");
}

TEST(rectangles_that_reach_the_far_edges) {
    DifferenceGrid<std::uint32_t> differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Rectangle{0, 5, 0, 3}, 1);
    differences.add(0, Rectangle{4, 5, 2, 3}, 1);
    differences.add(0, Rectangle{0, 1, 0, 3}, 1);
    differences.flush<Rectangle>(0, add_to(counted.values.data()));
    CHECK_PICTURE(counted.picture(), R"(
        21111
        21111
        21112)");
}

TEST(an_empty_rectangle_adds_nothing) {
    DifferenceGrid<std::uint32_t> differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Rectangle{}, 1);
    differences.add(0, Rectangle{2, 2, 0, 3}, 1);
    differences.flush<Rectangle>(0, add_to(counted.values.data()));
    CHECK_EQUAL(counted.picture(), nothing().picture());
}

TEST(runs) {
    DifferenceGrid<std::uint32_t> differences(grid, 1);
    Counted counted = nothing();
    differences.add(0, Run{0, 1, 3}, 1);
    differences.add(0, Run{0, 2, 5}, 1);
    differences.add(0, Run{2, 0, 5}, 1);
    differences.flush<Run>(0, add_to(counted.values.data()));
    CHECK_PICTURE(counted.picture(), R"(
        .1211
        .....
        11111)");
}

TEST(rows_of_amounts) {
    DifferenceGrid<std::uint32_t> differences(grid, 1);
    Counted counted = nothing();
    const std::uint32_t middle[] = {1, 2, 2, 0, 3};
    const std::uint32_t last[] = {0, 0, 1, 0, 9};
    differences.add_row(1, middle);
    differences.add_row(2, last);
    differences.add(0, Rectangle{0, 2, 0, 3}, 1);
    differences.flush<Rectangle>(0, add_to(counted.values.data()));
    CHECK_PICTURE(counted.picture(), R"(
        11...
        232.3
        111.9)");
}

TEST(a_flush_adds_and_empties_its_plane_alone) {
    DifferenceGrid<std::uint32_t> differences(grid, 2);
    Counted counted = nothing();
    differences.add(0, Run{1, 0, 2}, 1);
    differences.add(1, Run{1, 3, 5}, 1);
    differences.flush<Run>(0, add_to(counted.values.data()));
    differences.flush<Run>(0, add_to(counted.values.data()));
    differences.flush<Run>(1, add_to(counted.values.data()));
    differences.add(0, Run{1, 0, 1}, 1);
    differences.flush<Run>(0, add_to(counted.values.data()));
    CHECK_PICTURE(counted.picture(), R"(
        .....
        21.11
        .....)");
}

TEST(grids_that_are_merged_are_their_sum) {
    DifferenceGrid<std::uint32_t> differences(grid, 2);
    DifferenceGrid<std::uint32_t> others(grid, 2);
    Counted counted = nothing();
    differences.add(1, Rectangle{1, 4, 0, 2}, 1);
    others.add(1, Rectangle{1, 4, 0, 2}, 1);
    others.add(1, Rectangle{4, 5, 0, 2}, 1);
    differences.merge(others);
    differences.flush<Rectangle>(1, add_to(counted.values.data()));
    CHECK_PICTURE(counted.picture(), R"(
        .2221
        .2221
        .....)");
}
