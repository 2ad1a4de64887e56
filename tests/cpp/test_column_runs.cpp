// Runs down columns to runs along rows: what comes out covers the same cells, each row's runs being maximal.
#include "heatgrid/shapes/column_runs.hpp"

#include <random>

#include "check.hpp"

using heatgrid::ColumnRuns;
using heatgrid::Grid;
using heatgrid::Rectangle;
using heatgrid::Run;
using namespace heatgrid::check;

namespace {

// The cells that runs cover; a digit above 1 where one is covered twice.
Picture drawn(const Grid& grid, const std::vector<Run>& runs) {
    Picture rows(static_cast<std::size_t>(grid.rows),
                 std::string(static_cast<std::size_t>(grid.columns), '.'));
    for (const Run& run : runs) {
        CHECK(run.first < run.last);
        for (std::int32_t c = run.first; c < run.last; ++c) {
            char& cell = rows[static_cast<std::size_t>(run.row)][static_cast<std::size_t>(c)];
            cell = cell == '.' ? '1' : static_cast<char>(cell + 1);
        }
    }
    return rows;
}

std::vector<Run> turned(ColumnRuns& columns, const std::vector<Rectangle>& rectangles) {
    std::vector<Run> runs;
    for (const Rectangle& r : rectangles) columns.add(r, runs);
    columns.finish(runs);
    return runs;
}

}  // namespace

TEST(columns_are_joined) {
    const Grid grid{4, 7};
    ColumnRuns columns(grid);
    const std::vector<Run> runs =
        turned(columns, {{1, 2, 0, 4}, {2, 3, 1, 4}, {3, 4, 1, 2}, {3, 4, 3, 4}, {5, 7, 0, 2}});
    CHECK_EQUAL(runs.size(), std::size_t{6});
    CHECK_PICTURE(drawn(grid, runs), R"(
        .1...11
        .111.11
        .11....
        .111...)");
}

TEST(runs_that_meet_in_a_column) {
    const Grid grid{4, 3};
    ColumnRuns columns(grid);
    CHECK_PICTURE(drawn(grid, turned(columns, {{0, 1, 0, 2}, {0, 1, 2, 3}, {1, 2, 1, 4}})), R"(
        1..
        11.
        11.
        .1.)");
}

TEST(it_is_empty_when_finished) {
    const Grid grid{2, 3};
    ColumnRuns columns(grid);
    CHECK_EQUAL(turned(columns, {{0, 3, 0, 2}}).size(), std::size_t{2});
    CHECK(turned(columns, {}).empty());
    CHECK_PICTURE(drawn(grid, turned(columns, {{0, 1, 1, 2}})), R"(
        ...
        1..)");
}

TEST(random_columns_come_out_as_they_went_in) {
    std::mt19937 random(3);
    const auto below = [&random](std::int32_t limit) {
        return std::uniform_int_distribution<std::int32_t>(0, limit - 1)(random);
    };
    for (int i = 0; i < 500; ++i) {
        const Grid grid{1 + below(12), 1 + below(12)};
        ColumnRuns columns(grid);
        std::vector<Rectangle> rectangles;
        Picture expected(static_cast<std::size_t>(grid.rows),
                         std::string(static_cast<std::size_t>(grid.columns), '.'));
        for (std::int32_t left = below(3); left < grid.columns; left += below(3)) {
            const std::int32_t right = std::min(grid.columns, left + 1 + below(3));
            for (std::int32_t top = below(6); top < grid.rows; top += below(4)) {
                const std::int32_t bottom = std::min(grid.rows, top + 1 + below(4));
                rectangles.push_back({left, right, top, bottom});
                for (std::int32_t row = top; row < bottom; ++row) {
                    for (std::int32_t c = left; c < right; ++c) {
                        expected[static_cast<std::size_t>(row)][static_cast<std::size_t>(c)] = '1';
                    }
                }
                top = bottom;
            }
            left = right;
        }
        const std::vector<Run> runs = turned(columns, rectangles);
        CHECK_EQUAL(drawn(grid, runs), expected);
        std::size_t maximal = 0;
        for (const std::string& row : expected) {
            for (std::size_t c = 0; c < row.size(); ++c)
                maximal += row[c] == '1' && (c == 0 || row[c - 1] == '.');
        }
        CHECK_EQUAL(runs.size(), maximal);
    }
}
