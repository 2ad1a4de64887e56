// Polygons: even-odd within a part, parts united, left and top edges in, right and bottom edges out.
#include <cmath>

#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::Rule;

namespace {

constexpr Grid grid{5, 6};

Polygon simple(const Ring& ring) { return {Part{ring}}; }

Options by_point() {
    Options options;
    options.rule = Rule::point;
    return options;
}

}  // namespace

TEST(a_triangle) {
    CHECK_PICTURE(picture(grid, simple({{0, 0}, {6, 0}, {0, 5}})), R"(
        11111.
        1111..
        111...
        11....
        1.....)");
}

TEST(the_direction_of_a_ring_and_its_first_vertex_do_not_matter) {
    for (const Ring& ring :
         {Ring{{1, 0}, {5, 2}, {1, 4}}, Ring{{1, 4}, {5, 2}, {1, 0}}, Ring{{5, 2}, {1, 4}, {1, 0}}}) {
        CHECK_PICTURE(picture(grid, simple(ring)), R"(
            .1....
            .111..
            .111..
            .1....
            ......)");
    }
}

TEST(a_ring_may_repeat_its_first_vertex_at_its_end) {
    CHECK_PICTURE(picture(grid, simple({{1, 1}, {3, 1}, {3, 3}, {1, 3}, {1, 1}})), R"(
        ......
        .11...
        .11...
        ......
        ......)");
}

TEST(left_and_top_edges_are_in_right_and_bottom_edges_are_out) {
    CHECK_PICTURE(picture(grid, simple(ring_of({1.5, 0.5, 4.5, 3.5}))), R"(
        .111..
        .111..
        .111..
        ......
        ......)");
}

TEST(centers_on_a_diagonal_belong_to_the_shape_on_its_right) {
    const Polygon left = simple({{0, 0}, {4, 4}, {0, 4}});
    const Polygon right = simple({{0, 0}, {4, 0}, {4, 4}});
    CHECK_PICTURE(picture(Grid{4, 4}, left), R"(
        ....
        1...
        11..
        111.)");
    CHECK_PICTURE(picture(Grid{4, 4}, right), R"(
        1111
        .111
        ..11
        ...1)");
}

TEST(tiles_that_share_edges_through_centers_hit_each_cell_once) {
    std::vector<Polygon> tiles;
    for (const Box& box :
         {Box{0, 0, 2.5, 2.5}, Box{2.5, 0, 6, 2.5}, Box{0, 2.5, 2.5, 5}, Box{2.5, 2.5, 6, 5}}) {
        tiles.push_back(simple(ring_of(box)));
    }
    CHECK_PICTURE(count(grid, tiles).picture(), R"(
        111111
        111111
        111111
        111111
        111111)");
}

TEST(a_ring_that_crosses_itself_is_even_odd) {
    CHECK_PICTURE(picture(grid, simple({{0, 0}, {6, 0}, {0, 5}, {6, 5}})), R"(
        .1111.
        ..11..
        ......
        ..11..
        .1111.)");
}

TEST(a_ring_around_the_same_cells_twice_cancels) {
    CHECK_EQUAL(outcome(grid, simple({{1, 1}, {4, 1}, {4, 4}, {1, 4}, {1, 1}, {4, 1}, {4, 4}, {1, 4}})),
                Outcome::counted_as_point);
}

TEST(a_comb_with_many_crossings_in_a_row) {
    CHECK_PICTURE(picture(Grid{3, 9}, simple({{0, 0}, {9, 0}, {9, 3}, {8, 3}, {8, 1}, {7, 1}, {7, 3},
                                              {6, 3}, {6, 1}, {5, 1}, {5, 3}, {4, 3}, {4, 1}, {3, 1},
                                              {3, 3}, {2, 3}, {2, 1}, {1, 1}, {1, 3}, {0, 3}})),
                  R"(
        111111111
        1.1.1.1.1
        1.1.1.1.1)");
}

TEST(holes_are_left_out) {
    const Polygon frame{Part{ring_of({0, 0, 6, 5}), ring_of({1, 1, 3, 3}), ring_of({4, 2, 5, 4})}};
    CHECK_PICTURE(picture(grid, frame), R"(
        111111
        1..111
        1..1.1
        1111.1
        111111)");
}

TEST(a_hole_has_the_same_ties_as_its_ring) {
    const Polygon frame{Part{ring_of({0, 0, 6, 5}), ring_of({1.5, 1.5, 3.5, 3.5})}};
    CHECK_PICTURE(picture(grid, frame), R"(
        111111
        1..111
        1..111
        111111
        111111)");
}

TEST(parts_are_united) {
    const Polygon overlapping{Part{ring_of({0, 0, 3, 3})}, Part{ring_of({2, 2, 5, 4})}};
    CHECK_PICTURE(picture(grid, overlapping), R"(
        111...
        111...
        11111.
        ..111.
        ......)");
}

TEST(a_part_covers_the_hole_of_another) {
    const Polygon plugged{Part{ring_of({0, 0, 6, 5}), ring_of({1, 1, 5, 4})}, Part{ring_of({2, 2, 4, 3})}};
    CHECK_PICTURE(picture(grid, plugged), R"(
        111111
        1....1
        1.11.1
        1....1
        111111)");
}

TEST(annotations_add_up) {
    const std::vector<Polygon> polygons{simple(ring_of({0, 0, 3, 3})), simple(ring_of({2, 2, 5, 4}))};
    CHECK_PICTURE(count(grid, polygons).picture(), R"(
        111...
        111...
        11211.
        ..111.
        ......)");
}

TEST(a_polygon_that_holds_no_center_hits_the_cell_of_its_vertices_mean) {
    const Polygon tiny = simple({{2.1, 3.1}, {2.4, 3.1}, {2.1, 3.4}});
    CHECK_EQUAL(outcome(grid, tiny), Outcome::counted_as_point);
    CHECK_PICTURE(picture(grid, tiny), R"(
        ......
        ......
        ......
        ..1...
        ......)");
}

TEST(one_part_that_holds_a_center_is_enough) {
    const Polygon both{Part{{{2.1, 3.1}, {2.4, 3.1}, {2.1, 3.4}}}, Part{ring_of({0, 0, 1, 1})}};
    CHECK_EQUAL(outcome(grid, both), Outcome::counted);
    CHECK_PICTURE(picture(grid, both), R"(
        1.....
        ......
        ......
        ......
        ......)");
}

TEST(the_mean_is_that_of_outer_rings_alone) {
    const Polygon holed{Part{{{0, 0}, {6, 0}, {6, 0.3}, {0, 0.3}}, {{5, 0.1}, {5.2, 0.1}, {5.2, 0.2}}}};
    CHECK_PICTURE(picture(grid, holed), R"(
        ...1..
        ......
        ......
        ......
        ......)");
}

TEST(point_hits_the_cell_of_the_vertices_mean) {
    CHECK_PICTURE(picture(grid, simple({{0, 0}, {6, 0}, {0, 4}}), by_point()), R"(
        ......
        ..1...
        ......
        ......
        ......)");
}

TEST(a_mean_left_of_the_image_hits_nothing) {
    CHECK_EQUAL(outcome(grid, simple({{-90, 0}, {6, 0}, {6, 4}}), by_point()), Outcome::outside);
}

TEST(a_polygon_is_clipped_to_the_image) {
    CHECK_PICTURE(picture(grid, simple({{-6, -5}, {12, -5}, {-6, 10}})), R"(
        11111.
        1111..
        111...
        11....
        1.....)");
}

TEST(a_polygon_outside_the_image_is_outside) {
    for (const Box& box : {Box{-3, 1, 0, 2}, Box{6, 1, 9, 2}, Box{1, -3, 2, 0}, Box{1, 5, 2, 9}}) {
        CHECK_EQUAL(outcome(grid, simple(ring_of(box))), Outcome::outside);
    }
}

TEST(a_polygon_without_extent_is_empty) {
    CHECK_EQUAL(outcome(grid, simple({{1, 1}, {3, 1}, {5, 1}})), Outcome::empty);
    CHECK_EQUAL(outcome(grid, simple({{1, 1}, {1, 3}, {1, 2}})), Outcome::empty);
    CHECK_EQUAL(outcome(grid, Polygon{}), Outcome::empty);
    CHECK_EQUAL(outcome(grid, Polygon{Part{}}), Outcome::empty);
}

TEST(rings_of_fewer_than_three_vertices_are_as_if_absent) {
    CHECK_EQUAL(outcome(grid, simple({{1, 1}, {3, 3}})), Outcome::empty);
    const Polygon rest{Part{{{not_a_number, 0}, {3, 3}}, ring_of({1, 1, 3, 3})}};
    CHECK_PICTURE(picture(grid, rest), R"(
        ......
        .11...
        .11...
        ......
        ......)");
}

TEST(a_polygon_with_a_vertex_that_is_not_finite_is_invalid_whole) {
    for (const double bad : {not_a_number, infinity, -infinity}) {
        CHECK_EQUAL(outcome(grid, simple({{0, 0}, {bad, 0}, {0, 5}})), Outcome::not_finite);
        const Polygon one_good_part{Part{ring_of({0, 0, 3, 3})}, Part{{{0, 0}, {3, bad}, {0, 3}}}};
        CHECK_EQUAL(outcome(grid, one_good_part), Outcome::not_finite);
        CHECK_PICTURE(picture(grid, one_good_part), R"(
            ......
            ......
            ......
            ......
            ......)");
    }
}

TEST(an_invalid_polygon_leaves_nothing_behind_for_the_next) {
    const std::vector<Polygon> polygons{
        Polygon{Part{ring_of({0, 0, 6, 5})}, Part{{{0, 0}, {not_a_number, 9}, {4, 4}}}},
        Polygon{Part{ring_of({0, 0, 2, 2})}, Part{ring_of({1, 1, 3, 3})}}};
    CHECK_PICTURE(count(grid, polygons).picture(), R"(
        11....
        111...
        .11...
        ......
        ......)");
}

TEST(huge_coordinates_finish_at_once) {
    CHECK_PICTURE(picture(grid, simple(ring_of({-1e300, -1e300, 1e300, 1e300}))), R"(
        111111
        111111
        111111
        111111
        111111)");
    CHECK_PICTURE(picture(grid, simple({{-1e300, 2}, {1e300, 2}, {1e300, 4}, {-1e300, 4}})), R"(
        ......
        ......
        111111
        111111
        ......)");
}

// Out there nearly every difference is rounded away: what counts is that the answer comes, and is one.
TEST(crossings_that_overflow_finish_at_once) {
    for (const double far : {1e100, 1e300, largest}) {
        const Ring star{{-far, -far}, {far, far}, {far, -far}, {-far, far}};
        for (int repeat = 0; repeat < 1000; ++repeat) {
            const Outcome found = outcome(Grid{100, 100}, simple(star));
            CHECK(found == Outcome::counted || found == Outcome::counted_as_point);
        }
    }
}

TEST(a_box_and_its_ring_agree_where_no_center_lies_on_an_edge) {
    for (int i = 0; i < 200; ++i) {
        const double u = 0.0371 * i - 1.0;
        const double v = std::fmod(0.7193 * i, 6.0);
        const Box box{u, 0.7 * u + 0.011, v, 0.9 * v + 0.013};
        if (outcome(grid, box) != Outcome::counted) continue;
        CHECK_EQUAL(picture(grid, simple(ring_of(box))), picture(grid, box));
    }
}
