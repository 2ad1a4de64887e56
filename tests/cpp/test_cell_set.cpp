// Sets of cells, one bit per cell: runs that begin, end and meet at the borders of 64-bit words.
#include "heatgrid/grid/cell_set.hpp"

#include "check.hpp"

using heatgrid::CellSet;
using heatgrid::Grid;
using heatgrid::Run;

namespace {

// "row:first-last" of each run that a set is drained into.
template <class Drain>
std::string text_of(Drain&& consume) {
    std::string text;
    consume([&](const Run& run) {
        text += (text.empty() ? "" : " ") + std::to_string(run.row) + ":" + std::to_string(run.first) + "-" +
                std::to_string(run.last);
    });
    return text;
}

std::string runs_of(CellSet& set) {
    return text_of([&](auto&& take) { set.consume_runs(take); });
}

std::string crossings_of(CellSet& set) {
    return text_of([&](auto&& take) { set.consume_crossings(take); });
}

std::string united(Grid grid, const std::vector<Run>& runs) {
    CellSet set(grid);
    for (const Run& run : runs) set.insert(run);
    return runs_of(set);
}

}  // namespace

TEST(runs_are_united) {
    CHECK_EQUAL(united({2, 20}, {{0, 2, 5}, {0, 4, 9}, {1, 0, 20}}), "0:2-9 1:0-20");
    CHECK_EQUAL(united({1, 20}, {{0, 2, 5}, {0, 5, 9}}), "0:2-9");
    CHECK_EQUAL(united({1, 20}, {{0, 2, 5}, {0, 6, 9}}), "0:2-5 0:6-9");
    CHECK_EQUAL(united({1, 20}, {{0, 6, 9}, {0, 2, 5}, {0, 0, 1}}), "0:0-1 0:2-5 0:6-9");
}

TEST(runs_that_begin_or_end_at_a_word) {
    CHECK_EQUAL(united({1, 200}, {{0, 0, 64}}), "0:0-64");
    CHECK_EQUAL(united({1, 200}, {{0, 63, 64}}), "0:63-64");
    CHECK_EQUAL(united({1, 200}, {{0, 64, 65}}), "0:64-65");
    CHECK_EQUAL(united({1, 200}, {{0, 64, 128}}), "0:64-128");
    CHECK_EQUAL(united({1, 200}, {{0, 63, 129}}), "0:63-129");
}

TEST(runs_across_words) {
    CHECK_EQUAL(united({1, 200}, {{0, 10, 190}}), "0:10-190");
    CHECK_EQUAL(united({1, 200}, {{0, 60, 64}, {0, 64, 70}}), "0:60-70");
    CHECK_EQUAL(united({1, 200}, {{0, 10, 20}, {0, 150, 160}}), "0:10-20 0:150-160");
}

TEST(grids_as_wide_as_words) {
    for (const std::int32_t columns : {1, 63, 64, 65, 127, 128, 129}) {
        const std::string all = "0:0-" + std::to_string(columns);
        CHECK_EQUAL(united({1, columns}, {{0, 0, columns}}), all);
    }
}

TEST(a_consumed_set_is_empty) {
    CellSet set({3, 100});
    set.insert({1, 10, 90});
    CHECK_EQUAL(runs_of(set), "1:10-90");
    CHECK_EQUAL(runs_of(set), "");
    set.insert({2, 0, 1});
    CHECK_EQUAL(runs_of(set), "2:0-1");
}

TEST(crossings_open_and_close_runs_in_order) {
    CellSet set({2, 200});
    for (const std::int32_t column : {150, 3, 70, 9}) set.toggle(1, column);
    CHECK_EQUAL(crossings_of(set), "1:3-9 1:70-150");
    CHECK_EQUAL(crossings_of(set), "");
}

TEST(two_crossings_at_one_place_cancel) {
    CellSet set({1, 200});
    for (const std::int32_t column : {5, 70, 70, 80}) set.toggle(0, column);
    CHECK_EQUAL(crossings_of(set), "0:5-80");
}

TEST(a_crossing_may_lie_past_the_last_cell) {
    for (const std::int32_t columns : {63, 64, 65, 128}) {
        CellSet set({1, columns});
        set.toggle(0, 0);
        set.toggle(0, columns);
        CHECK_EQUAL(crossings_of(set), "0:0-" + std::to_string(columns));
    }
}
