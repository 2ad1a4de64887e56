// Lines: the cells of all their points, each once per annotation.
#include <algorithm>
#include <cmath>

#include "random_shapes.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::Rule;

namespace {

constexpr Grid grid{5, 6};

Options ruled(Rule rule) {
    Options options;
    options.rule = rule;
    return options;
}

Line simple(const Ring& path) { return Line{{path}}; }

Picture passed(const Line& line, Grid cells = grid) { return picture(cells, line, ruled(Rule::touch)); }
Picture passed(const Ring& path, Grid cells = grid) { return passed(simple(path), cells); }
Outcome outcome_of(const Ring& path, Rule rule = Rule::touch) {
    return outcome(grid, simple(path), ruled(rule));
}

}  // namespace

TEST(a_segment_hits_the_cells_that_it_passes_through) {
    CHECK_PICTURE(passed(Ring{{0.5, 0.5}, {5.5, 2.5}}), R"(
        11....
        .1111.
        ....11
        ......
        ......)");
    CHECK_PICTURE(passed(Ring{{1.5, 4.9}, {2.5, 0.1}}), R"(
        ..1...
        ..1...
        .11...
        .1....
        .1....)");
}

TEST(a_point_between_cells_belongs_to_the_right_and_lower_one) {
    CHECK_PICTURE(passed(Ring{{1, 2}, {5, 2}}), R"(
        ......
        ......
        .11111
        ......
        ......)");
    CHECK_PICTURE(passed(Ring{{1, 2}, {5 - 1e-9, 2 - 1e-9}}), R"(
        ......
        .1111.
        .1....
        ......
        ......)");
    CHECK_PICTURE(passed(Ring{{2, 1}, {2, 4}}), R"(
        ......
        ..1...
        ..1...
        ..1...
        ..1...)");
}

TEST(a_diagonal_through_corners) {
    CHECK_PICTURE(passed(Ring{{0, 0}, {5, 5}}), R"(
        1.....
        .1....
        ..1...
        ...1..
        ....11)");
    CHECK_PICTURE(passed(Ring{{5, 0}, {0, 5}}), R"(
        ....11
        ...11.
        ..11..
        .11...
        11....)");
}

TEST(the_far_edges_belong_to_the_last_cells) {
    CHECK_PICTURE(passed(Ring{{0, 5}, {6, 5}, {6, 0}}), R"(
        .....1
        .....1
        .....1
        .....1
        111111)");
    CHECK_PICTURE(passed(Ring{{9, 2}, {3, 8}}), R"(
        ......
        ......
        ......
        ......
        .....1)");
    CHECK_EQUAL(outcome_of({{9, 2.001}, {3, 8.001}}), Outcome::outside);
}

TEST(a_cell_is_hit_once_by_all_paths_of_an_annotation) {
    CHECK_PICTURE(passed(Line{{{{0.5, 0.5}, {3.5, 0.5}, {0.5, 0.5}}, {{1.5, 0.2}, {1.5, 2.5}}, {}}}), R"(
        1111..
        .1....
        .1....
        ......
        ......)");
}

TEST(a_line_without_length_is_its_point) {
    for (const Ring& path : {Ring{{2.5, 1.5}}, Ring{{2.5, 1.5}, {2.5, 1.5}}}) {
        CHECK_PICTURE(passed(path), R"(
            ......
            ..1...
            ......
            ......
            ......)");
    }
    CHECK_EQUAL(outcome_of({{6.5, 1.5}}), Outcome::outside);
}

TEST(what_becomes_of_a_line) {
    CHECK_EQUAL(outcome_of({}), Outcome::empty);
    CHECK_EQUAL(outcome(grid, Line{}, ruled(Rule::touch)), Outcome::empty);
    CHECK_EQUAL(outcome_of({{0, not_a_number}, {1, 1}}), Outcome::not_finite);
    CHECK_EQUAL(outcome_of({{1, 1}, {infinity, 1}}), Outcome::not_finite);
    // Around a corner of the image.
    CHECK_EQUAL(outcome_of({{-2, 1}, {1, -2}}), Outcome::outside);
    CHECK_EQUAL(outcome_of({{-2, 2}, {2, -2}}), Outcome::counted);
}

TEST(lines_are_cut_off_at_the_image_however_far_they_reach) {
    const Picture diagonal = passed(Ring{{0, 0}, {5, 5}});
    for (const double far : {9.0, 1e9, 1e18, 1e300, largest}) {
        CHECK_EQUAL(passed(Ring{{-far, -far}, {far, far}}), diagonal);
        CHECK_EQUAL(passed(Ring{{far, far}, {-far, -far}}), diagonal);
        CHECK_PICTURE(passed(Ring{{2.5, -far}, {2.5, far}, {far, far}}), R"(
            ..1...
            ..1...
            ..1...
            ..1...
            ..1...)");
        CHECK_PICTURE(passed(Ring{{-far, 2.5}, {far, 2.5}}), R"(
            ......
            ......
            111111
            ......
            ......)");
    }
}

// A tall grid, of which a nearly upright segment is beside for most of its way.
TEST(a_segment_that_enters_from_a_side) {
    const Grid tall{3000, 2};
    const Counted found = count(tall, std::vector<Line>{simple({{-1000.5, 0}, {1000.5, 3000}})}, Options{});
    std::int64_t hits = 0;
    for (std::size_t cell = 0; cell < tall.cells(); ++cell) {
        const auto row = static_cast<double>(cell / 2);
        const auto column = static_cast<double>(cell % 2);
        const auto x_at = [](double y) { return -1000.5 + y * 2001 / 3000; };
        const bool is_hit = x_at(row + 1) > column && x_at(row) < column + 1;
        CHECK_EQUAL(found.values[cell], static_cast<std::int64_t>(is_hit));
        hits += found.values[cell];
    }
    CHECK(hits == 4 || hits == 5);
}

TEST(a_corner_passed_by_less_than_a_double_can_tell_is_passed) {
    CHECK_PICTURE(passed(Ring{{0, 2}, {2, 0}}, Grid{3, 3}), R"(
        .11
        11.
        1..)");
    CHECK_PICTURE(passed(Ring{{-0x1p-70, 2}, {2, 0}}, Grid{3, 3}), R"(
        111
        1..
        ...)");
}

TEST(under_the_rule_center_lines_are_touched_too) {
    Generator random(grid);
    const std::vector<Line> lines = random.lines(200);
    CHECK(count(grid, lines, ruled(Rule::center)) == count(grid, lines, ruled(Rule::touch)));
}

TEST(under_the_rule_point_a_line_hits_the_cell_of_its_mean) {
    CHECK_PICTURE(picture(grid, Line{{{{0, 0}, {4, 0}}, {{2, 4.5}}}}, ruled(Rule::point)), R"(
        ......
        ..1...
        ......
        ......
        ......)");
    CHECK_EQUAL(outcome_of({{-5, 1}, {2, 1}}, Rule::point), Outcome::outside);
    CHECK_EQUAL(outcome_of({{7, 1}, {9, 1}}, Rule::point), Outcome::outside);
    CHECK_EQUAL(outcome_of({{5, 1}, {9, 1}}, Rule::point), Outcome::counted);
    CHECK_EQUAL(outcome_of({}, Rule::point), Outcome::empty);
}

// Points along a line, each in a cell that it hits.
TEST(every_point_of_a_line_is_in_a_cell_that_it_hits) {
    const Grid cells{9, 70};
    Generator random(cells);
    for (int i = 0; i < 300; ++i) {
        const Ring path = random.ring();
        const Counted found = count(cells, std::vector<Line>{simple(path)}, Options{});
        if (found.outcomes.front() == Outcome::not_finite) continue;
        for (std::size_t k = 1; k < path.size(); ++k) {
            const double t = random.up_to(1.0);
            const double x = path[k - 1][0] + t * (path[k][0] - path[k - 1][0]);
            const double y = path[k - 1][1] + t * (path[k][1] - path[k - 1][1]);
            if (!(x > 0 && x < 70 && y > 0 && y < 9)) continue;
            CHECK_EQUAL(found.values[static_cast<std::size_t>(y) * 70 + static_cast<std::size_t>(x)], 1);
        }
    }
}

TEST(a_line_backwards_is_the_same_line) {
    Generator random(grid);
    for (const Line& line : random.lines(300)) {
        Line backwards = line;
        for (Ring& path : backwards.paths) std::reverse(path.begin(), path.end());
        CHECK_EQUAL(passed(backwards), passed(line));
    }
}

TEST(threads_classes_weights_and_images) {
    for (const Grid each : {Grid{31, 67}, Grid{600, 700}}) {
        Generator random(each);
        const std::vector<Line> lines = random.lines(500);
        Options options;
        options.classes = 3;
        options.labels = random.numbers(lines.size(), options.classes);
        const Counted alone = count(each, lines, options);
        Options weighed = options;
        weighed.weights.assign(lines.size(), 2.0);
        const Summed doubled = sum(each, lines, weighed);
        for (std::size_t k = 0; k < alone.values.size(); ++k) {
            CHECK(doubled.values[k] == 2.0 * static_cast<double>(alone.values[k]));
        }
        Options united = options;
        united.images = random.numbers(lines.size(), 4);
        const Counted together = count(each, lines, united);
        for (std::size_t k = 0; k < alone.values.size(); ++k) {
            CHECK(together.values[k] <= std::min<std::int64_t>(alone.values[k], 4));
            CHECK((together.values[k] > 0) == (alone.values[k] > 0));
        }
        for (const std::size_t threads : {2, 3, 16}) {
            options.threads = weighed.threads = united.threads = threads;
            CHECK(count(each, lines, options) == alone);
            CHECK(sum(each, lines, weighed) == doubled);
            CHECK(count(each, lines, united) == together);
        }
    }
}
