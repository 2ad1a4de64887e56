// Footprints: each cell is new once, also after the set has grown.

#include <vector>

#include "check.hpp"
#include "heatgrid/live/footprint.hpp"

using heatgrid::Footprint;
using heatgrid::Run;

namespace {

// Cells of rows 0 .. 2 and columns 0 .. 199 that are new in a run.
std::vector<int> fresh(Footprint& footprint, const Run& run) {
    footprint.cover({run.first, run.last, run.row, run.row + 1});
    std::vector<int> cells;
    footprint.insert(run, [&](const Run& part) {
        for (int c = part.first; c < part.last; ++c) cells.push_back(c);
    });
    return cells;
}

std::vector<int> range(int first, int last) {
    std::vector<int> cells;
    for (int c = first; c < last; ++c) cells.push_back(c);
    return cells;
}

}  // namespace

TEST(a_run_is_new_once) {
    Footprint footprint;
    CHECK(fresh(footprint, {0, 3, 9}) == range(3, 9));
    CHECK(fresh(footprint, {0, 3, 9}).empty());
    CHECK(fresh(footprint, {1, 3, 9}) == range(3, 9));
}

TEST(only_new_cells_are_passed_on) {
    Footprint footprint;
    fresh(footprint, {0, 10, 20});
    fresh(footprint, {0, 30, 40});
    std::vector<int> expected = range(5, 10);
    for (const int c : range(20, 30)) expected.push_back(c);
    for (const int c : range(40, 45)) expected.push_back(c);
    CHECK(fresh(footprint, {0, 5, 45}) == expected);
}

TEST(runs_go_over_words_and_end_at_their_edges) {
    for (const int first : {0, 1, 63, 64, 65, 127, 128}) {
        for (const int last : {64, 65, 127, 128, 129, 192, 200}) {
            if (first >= last) continue;
            Footprint footprint;
            CHECK(fresh(footprint, {2, first, last}) == range(first, last));
            CHECK_EQUAL(fresh(footprint, {2, 0, 200}).size(), static_cast<std::size_t>(200 - (last - first)));
            CHECK(fresh(footprint, {2, 0, 200}).empty());
        }
    }
}

TEST(growing_keeps_what_was_hit) {
    Footprint footprint;
    fresh(footprint, {200, 700, 710});
    fresh(footprint, {0, 0, 10});
    fresh(footprint, {1000, 100, 110});
    CHECK(fresh(footprint, {200, 700, 710}).empty());
    CHECK(fresh(footprint, {0, 0, 10}).empty());
    CHECK(fresh(footprint, {1000, 100, 110}).empty());
    CHECK(fresh(footprint, {1000, 0, 10}) == range(0, 10));
}

TEST(memory_is_that_of_the_bounding_box) {
    Footprint footprint;
    fresh(footprint, {5000, 5000, 5010});
    CHECK_EQUAL(footprint.bytes(), std::size_t{64} * 8);
}

TEST(clear_removes_all_cells) {
    Footprint footprint;
    fresh(footprint, {0, 3, 9});
    footprint.clear();
    CHECK(fresh(footprint, {0, 3, 9}) == range(3, 9));
}
