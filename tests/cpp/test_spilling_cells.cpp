// Difference grids of narrow cells: counts are exact, however often cells spill.
#include "heatgrid/count/difference_grid.hpp"

#include <vector>

#include "check.hpp"

using heatgrid::Grid;
using heatgrid::Rectangle;
using Differences = heatgrid::DifferenceGrid<std::uint32_t>;

namespace {

// Cells of 16 bits, and of 8.
constexpr Grid grids[] = {{3, 5}, {90, 110}};
constexpr Rectangle rectangle{1, 4, 0, 2};
constexpr Rectangle neighbor{4, 5, 0, 2};

std::vector<std::int64_t> counted(Differences& corners, Grid grid) {
    std::vector<std::int64_t> counts(grid.cells(), 0);
    corners.flush<Rectangle>(0, [&](std::size_t cell, std::uint32_t sum) { counts[cell] = sum; });
    return counts;
}

std::vector<std::int64_t> painted(Grid grid, const Rectangle& r, std::int64_t times) {
    std::vector<std::int64_t> counts(grid.cells(), 0);
    for (std::int32_t row = r.top; row < r.bottom; ++row) {
        for (std::int32_t c = r.left; c < r.right; ++c) {
            counts[static_cast<std::size_t>(row * grid.columns + c)] = times;
        }
    }
    return counts;
}

void add(Differences& corners, const Rectangle& r, std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) corners.add(0, r, 1);
}

}  // namespace

TEST(more_rectangles_than_a_narrow_cell_holds) {
    for (const Grid grid : grids) {
        for (const std::size_t times : {1U, 127U, 128U, 129U, 256U, 1000U, 32767U, 32768U, 32769U, 100000U}) {
            Differences corners(grid);
            add(corners, rectangle, times);
            CHECK(counted(corners, grid) == painted(grid, rectangle, static_cast<std::int64_t>(times)));
        }
    }
}

TEST(a_flush_leaves_an_empty_grid) {
    for (const Grid grid : grids) {
        Differences corners(grid);
        add(corners, rectangle, 200);
        CHECK(counted(corners, grid) == painted(grid, rectangle, 200));
        add(corners, rectangle, 40000);
        CHECK(counted(corners, grid) == painted(grid, rectangle, 40000));
        CHECK(counted(corners, grid) == painted(grid, rectangle, 0));
    }
}

// Neighbors cancel in the cells that they share, so that a row has narrow cells of every kind.
TEST(grids_that_are_merged_are_their_sum) {
    for (const Grid grid : grids) {
        for (const std::size_t first : {0U, 3U, 100U, 127U, 128U, 200U, 32767U, 32768U}) {
            for (const std::size_t second : {0U, 5U, 27U, 28U, 100U, 128U, 300U, 32767U, 40000U}) {
                Differences corners(grid);
                Differences others(grid);
                add(corners, rectangle, first);
                add(others, rectangle, second);
                add(others, neighbor, 7);
                corners.merge(others);
                add(corners, rectangle, 100);
                std::vector<std::int64_t> expected =
                    painted(grid, rectangle, static_cast<std::int64_t>(first + second + 100));
                const std::vector<std::int64_t> beside = painted(grid, neighbor, 7);
                for (std::size_t i = 0; i < expected.size(); ++i) expected[i] += beside[i];
                CHECK(counted(corners, grid) == expected);
            }
        }
    }
}
