// Boxes: closed on both sides, clamped to the image, never lost between two centers.

#include "heatgrid/count/count_boxes.hpp"
#include "heatgrid/shapes/box.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::Rule;

namespace {

constexpr Grid grid{4, 5};

Options by_rule(Rule rule) {
    Options options;
    options.rule = rule;
    return options;
}

Options large_above(double ratio) {
    Options options;
    options.large_box_ratio = ratio;
    return options;
}

}  // namespace

TEST(a_box_hits_the_cells_whose_center_it_holds) {
    CHECK_PICTURE(picture(grid, Box{1, 1, 4, 3}), R"(
        .....
        .111.
        .111.
        .....)");
}

TEST(corners_come_in_any_order) {
    for (const Box& box : {Box{1, 1, 4, 3}, Box{4, 1, 1, 3}, Box{1, 3, 4, 1}, Box{4, 3, 1, 1}}) {
        CHECK_PICTURE(picture(grid, box), R"(
            .....
            .111.
            .111.
            .....)");
    }
}

TEST(all_four_edges_are_closed) {
    CHECK_PICTURE(picture(grid, Box{1.5, 0.5, 3.5, 2.5}), R"(
        .111.
        .111.
        .111.
        .....)");
}

TEST(just_inside_a_center_leaves_it_out) {
    CHECK_PICTURE(picture(grid, Box{1.5001, 0.5001, 3.4999, 2.4999}), R"(
        .....
        ..1..
        .....
        .....)");
}

TEST(a_box_is_clamped_to_the_image) {
    CHECK_PICTURE(picture(grid, Box{-100, -100, 2, 1}), R"(
        11...
        .....
        .....
        .....)");
    CHECK_PICTURE(picture(grid, Box{-1e300, -1e300, 1e300, 1e300}), R"(
        11111
        11111
        11111
        11111)");
}

TEST(a_box_that_holds_no_center_hits_the_cell_of_its_middle) {
    const Box tiny{2.6, 1.1, 2.9, 1.3};
    CHECK_EQUAL(outcome(grid, tiny), Outcome::counted_as_point);
    CHECK_PICTURE(picture(grid, tiny), R"(
        .....
        ..1..
        .....
        .....)");
}

TEST(and_so_does_one_that_is_thin_but_long) {
    CHECK_PICTURE(picture(grid, Box{0, 1.6, 5, 2.1}), R"(
        .....
        ..1..
        .....
        .....)");
}

TEST(the_middle_is_that_of_the_clamped_box) {
    CHECK_PICTURE(picture(grid, Box{-1000, 0.1, 0.2, 0.3}), R"(
        1....
        .....
        .....
        .....)");
}

TEST(a_box_without_extent_is_empty) {
    for (const Box& box : {Box{1, 1, 1, 3}, Box{1, 1, 3, 1}, Box{1.5, 1.5, 1.5, 1.5}}) {
        CHECK_EQUAL(outcome(grid, box), Outcome::empty);
        CHECK_EQUAL(outcome(grid, box, by_rule(Rule::touch)), Outcome::empty);
        CHECK_EQUAL(outcome(grid, box, by_rule(Rule::point)), Outcome::empty);
    }
}

TEST(a_box_outside_the_image_is_outside) {
    for (const Box& box : {Box{-3, 1, 0, 2}, Box{5, 1, 9, 2}, Box{1, -3, 2, -1}, Box{1, 4, 2, 1e300}}) {
        CHECK_EQUAL(outcome(grid, box), Outcome::outside);
        CHECK_PICTURE(picture(grid, box), R"(
            .....
            .....
            .....
            .....)");
    }
}

TEST(a_box_that_is_not_finite_is_not_finite) {
    for (const double bad : {not_a_number, infinity}) {
        CHECK_EQUAL(outcome(grid, Box{bad, 1, 2, 2}), Outcome::not_finite);
        CHECK_EQUAL(outcome(grid, Box{1, 1, 2, -bad}), Outcome::not_finite);
    }
}

TEST(touch_hits_the_cells_that_a_box_overlaps_with_area) {
    CHECK_PICTURE(picture(grid, Box{0.9, 1, 3.1, 2}, by_rule(Rule::touch)), R"(
        .....
        1111.
        .....
        .....)");
}

TEST(point_hits_the_cell_of_the_middle_alone) {
    CHECK_PICTURE(picture(grid, Box{0, 0, 4, 4}, by_rule(Rule::point)), R"(
        .....
        .....
        ..1..
        .....)");
}

TEST(the_representative_point_is_not_clamped) {
    CHECK_PICTURE(picture(grid, Box{3, 1, 30, 2}, by_rule(Rule::point)), R"(
        .....
        ....1
        .....
        .....)");
    CHECK_EQUAL(outcome(grid, Box{-30, 1, 3, 2}, by_rule(Rule::point)), Outcome::outside);
}

TEST(a_large_box_hits_its_middle_alone) {
    const Box half{0, 0, 5, 2};  // exactly half of the image
    CHECK_PICTURE(picture(grid, half, large_above(0.5)), R"(
        11111
        11111
        .....
        .....)");
    CHECK_PICTURE(picture(grid, half, large_above(0.49)), R"(
        .....
        ..1..
        .....
        .....)");
}

TEST(largeness_is_measured_before_clamping) {
    CHECK_PICTURE(picture(grid, Box{2, 2, 22, 3}, large_above(0.9)), R"(
        .....
        .....
        ....1
        .....)");
}

TEST(boxes_add_up) {
    const std::vector<Box> boxes{{0, 0, 3, 3}, {2, 1, 5, 4}, {2, 2, 3, 3}};
    const Counted counted = count(grid, boxes);
    CHECK_PICTURE(counted.picture(), R"(
        111..
        11211
        11311
        ..111)");
}

TEST(each_outcome_is_written) {
    const std::vector<Box> boxes{
        {0, 0, 1, 1}, {0.1, 0.1, 0.2, 0.2}, {1, 1, 1, 1}, {9, 9, 12, 12}, {1, 1, 2, infinity}};
    const Counted counted = count(grid, boxes);
    for (std::size_t i = 0; i < boxes.size(); ++i) CHECK_EQUAL(counted.outcomes[i], static_cast<Outcome>(i));
}

TEST(box_of_an_image_without_size_is_not_finite) {
    const double corners[] = {0, 0, 1, 1, 0, 0, 1, 1};
    const double sizes[] = {0, 5, 2, 2};
    std::int64_t values[4] = {};
    Outcome outcomes[2] = {};
    heatgrid::Batch batch;
    batch.count = 2;
    batch.outcomes = outcomes;
    heatgrid::count_boxes({corners, 2, {sizes, 2}}, {}, batch, heatgrid::Counts{values, 1, {2, 2}});
    CHECK_EQUAL(outcomes[0], Outcome::not_finite);
    CHECK_EQUAL(outcomes[1], Outcome::counted);
    CHECK_EQUAL(values[0], 1);
}
