// Rule::touch: cells that a polygon overlaps with positive area, and no others.
#include "clipped.hpp"
#include "random_shapes.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::Rule;

namespace {

constexpr Grid grid{5, 6};

Options touching() {
    Options options;
    options.rule = Rule::touch;
    return options;
}

Picture touched(const Polygon& polygon, Grid cells = grid) { return picture(cells, polygon, touching()); }
Picture touched(const Ring& ring, Grid cells = grid) { return touched(Polygon{Part{ring}}, cells); }

const Picture none = rows_of("...... ...... ...... ...... ......");

}  // namespace

TEST(a_triangle_touches_cells_whose_centers_it_does_not_hold) {
    CHECK_PICTURE(touched(Ring{{0.5, 0.5}, {4.1, 0.5}, {0.5, 2.9}}), R"(
        11111.
        1111..
        11....
        ......
        ......)");
}

TEST(edges_along_lines_touch_one_side_only) {
    CHECK_PICTURE(touched(ring_of({1, 1, 4, 3})), R"(
        ......
        .111..
        .111..
        ......
        ......)");
    CHECK_PICTURE(touched(ring_of({1, 1, 4 + 1e-9, 3 + 1e-9})), R"(
        ......
        .1111.
        .1111.
        .1111.
        ......)");
    CHECK_PICTURE(touched(ring_of({1 - 1e-9, 1 - 1e-9, 4, 3})), R"(
        1111..
        1111..
        1111..
        ......
        ......)");
}

TEST(a_diagonal_through_corners_touches_no_cell_at_its_sides) {
    CHECK_PICTURE(touched(Ring{{0, 0}, {5, 5}, {0, 5}}), R"(
        1.....
        11....
        111...
        1111..
        11111.)");
    CHECK_PICTURE(touched(Ring{{0, 0}, {5, 5}, {5, 0}}), R"(
        11111.
        .1111.
        ..111.
        ...11.
        ....1.)");
    CHECK_PICTURE(touched(Ring{{0, 0}, {6, 3}, {0, 3}}), R"(
        11....
        1111..
        111111
        ......
        ......)");
}

TEST(a_corner_that_reaches_into_a_cell_touches_it) {
    CHECK_PICTURE(touched(Ring{{2, 1.5}, {3.25, 2.5}, {2, 3.5}}), R"(
        ......
        ..1...
        ..11..
        ..1...
        ......)");
    CHECK_PICTURE(touched(Ring{{2, 1.5}, {3, 2.5}, {2, 3.5}}), R"(
        ......
        ..1...
        ..1...
        ..1...
        ......)");
}

TEST(a_bow_tie_touches_no_more_than_its_halves) {
    CHECK_PICTURE(touched(Ring{{0, 0}, {6, 4}, {6, 0}, {0, 4}}), R"(
        11..11
        111111
        111111
        11..11
        ......)");
}

TEST(cells_in_a_hole_are_not_touched_and_those_on_its_rim_are) {
    CHECK_PICTURE(touched(Polygon{Part{ring_of({0, 0, 6, 5}), ring_of({1, 1, 5, 4})}}), R"(
        111111
        1....1
        1....1
        1....1
        111111)");
    CHECK_PICTURE(touched(Polygon{Part{ring_of({0, 0, 6, 5}), ring_of({0.5, 1, 4.5, 4.25})}}), R"(
        111111
        1...11
        1...11
        1...11
        111111)");
}

TEST(overlapping_parts_touch_each_cell_once) {
    const Polygon overlapping{Part{ring_of({0, 0, 3, 3})}, Part{ring_of({1, 1, 4.5, 4})}};
    CHECK_PICTURE(touched(overlapping), R"(
        111...
        11111.
        11111.
        .1111.
        ......)");
}

TEST(a_bridge_to_a_hole_touches_nothing) {
    CHECK_PICTURE(
        touched(Ring{{0, 0}, {6, 0}, {6, 5}, {0, 5}, {0, 0}, {1, 1}, {1, 4}, {5, 4}, {5, 1}, {1, 1}}),
        R"(
        111111
        1....1
        1....1
        1....1
        111111)");
    // From a ring to another beside it.
    CHECK_PICTURE(
        touched(Ring{{0, 0}, {1, 0}, {1, 1}, {4, 3}, {5, 3}, {5, 4}, {4, 4}, {4, 3}, {1, 1}, {0, 1}}),
        R"(
        1.....
        ......
        ......
        ....1.
        ......)");
}

TEST(a_spike_touches_nothing) {
    CHECK_PICTURE(touched(Ring{{1, 1}, {2, 1}, {2, 2}, {5.5, 4.5}, {2, 2}, {1, 2}}), R"(
        ......
        .1....
        ......
        ......
        ......)");
    // Out along an edge and past its end.
    CHECK_PICTURE(touched(Ring{{1, 1}, {4.75, 3.5}, {2.5, 2}, {1, 2}}), R"(
        ......
        .11...
        ......
        ......
        ......)");
    // Level and upright ones, which go back in two steps.
    CHECK_PICTURE(touched(Ring{{1, 1}, {2, 1}, {2, 1.5}, {5.5, 1.5}, {3.5, 1.5}, {2, 1.5}, {2, 2}, {1, 2}}),
                  R"(
        ......
        .1....
        ......
        ......
        ......)");
}

TEST(a_hole_that_shares_a_part_of_an_edge_is_a_notch) {
    CHECK_PICTURE(touched(Polygon{Part{ring_of({0, 1.5, 6, 5}), ring_of({1, 1.5, 5, 4})}}), R"(
        ......
        1....1
        1....1
        1....1
        111111)");
    const Polygon slanting{Part{{{0, 0}, {6, 4}, {0, 4}}, {{1.5, 1}, {4.5, 3}, {1.5, 3}}}};
    CHECK_PICTURE(touched(slanting), R"(
        11....
        11....
        11....
        111111
        ......)");
}

TEST(what_goes_around_twice_is_outside) {
    const Ring around = ring_of({1, 1, 5, 4});
    Ring twice = around;
    twice.insert(twice.end(), around.begin(), around.end());
    CHECK_EQUAL(touched(twice), none);
    CHECK_EQUAL(outcome(grid, Polygon{Part{twice}}, touching()), Outcome::empty);
    CHECK_EQUAL(touched(Polygon{Part{around, around}}), none);
    CHECK_EQUAL(touched(Polygon{Part{around}, Part{around}}), touched(around));
}

TEST(what_has_no_area_touches_nothing) {
    const Polygon line{Part{{{0.5, 0.5}, {2.5, 2.5}, {4.5, 4.5}}}};
    CHECK_EQUAL(outcome(grid, line, touching()), Outcome::empty);
    CHECK_EQUAL(touched(line), none);
    CHECK_EQUAL(outcome(grid, Polygon{Part{{{1, 1}, {3, 1}, {5, 1}}}}, touching()), Outcome::empty);
}

TEST(a_polygon_is_cut_off_at_the_image) {
    CHECK_PICTURE(touched(Ring{{-6, -5}, {12, -5}, {-6, 10}}), R"(
        111111
        11111.
        1111..
        111...
        11....)");
    for (const Box& box : {Box{-3, 1, 0, 2}, Box{6, 1, 9, 2}, Box{1, -3, 2, 0}, Box{1, 5, 2, 9}}) {
        CHECK_EQUAL(outcome(grid, Polygon{Part{ring_of(box)}}, touching()), Outcome::outside);
    }
}

TEST(coordinates_of_any_size_are_touched_exactly) {
    CHECK_PICTURE(touched(ring_of({-1e300, 1, 1e300, 3})), R"(
        ......
        111111
        111111
        ......
        ......)");
    CHECK_PICTURE(touched(Ring{{-1e300, -1e300}, {1e300, 1e300}, {-1e300, 1e300}}), R"(
        1.....
        11....
        111...
        1111..
        11111.)");
    CHECK_EQUAL(touched(Ring{{-1e300, -1e300}, {1e300, 1e300}, {2, 2}}), none);
    CHECK_EQUAL(touched(Ring{{1, 1}, {largest, 1}, {largest, 3}, {1, 3}}), touched(ring_of({1, 1, 6, 3})));
    CHECK_PICTURE(touched(Ring{{0, 0}, {1e-300, 0}, {0, 1e-300}}), R"(
        1.....
        ......
        ......
        ......
        ......)");
}

// From end to end of the doubles, the edge's height is none; it leans over the line between columns.
TEST(an_edge_longer_than_the_largest_double) {
    CHECK_PICTURE(touched(Ring{{0.5, -largest}, {3.5, largest}, {0.5, largest}}), R"(
        111...
        111...
        111...
        111...
        111...)");
    CHECK_PICTURE(touched(Ring{{0.5, largest}, {3.5, -largest}, {0.5, -largest}}), R"(
        11....
        11....
        11....
        11....
        11....)");
}

// Where the edge crosses the first line is nearer to the corner than to any other double.
TEST(a_corner_passed_by_less_than_a_double_can_tell_is_passed) {
    CHECK_PICTURE(touched(Ring{{0, 0}, {2, 2}, {0, 2}}, Grid{4, 4}), R"(
        1...
        11..
        ....
        ....)");
    CHECK_PICTURE(touched(Ring{{0x1p-70, 0}, {2, 2}, {0, 2}}, Grid{4, 4}), R"(
        11..
        11..
        ....
        ....)");
    CHECK_PICTURE(touched(Ring{{0, 0}, {2, 2}, {4, 0}}, Grid{4, 4}), R"(
        1111
        .11.
        ....
        ....)");
    CHECK_PICTURE(touched(Ring{{-0x1p-70, 0}, {2, 2}, {4, 0}}, Grid{4, 4}), R"(
        1111
        111.
        ....
        ....)");
}

TEST(a_box_and_its_ring_touch_the_same) {
    Generator random(grid);
    for (const Box& box : random.boxes(500)) {
        CHECK_EQUAL(touched(ring_of(box)), picture(grid, box, touching()));
    }
}

TEST(an_invalid_polygon_leaves_nothing_behind_for_the_next) {
    const std::vector<Polygon> polygons{
        Polygon{Part{ring_of({0, 0, 6, 5})}, Part{{{0, 0}, {not_a_number, 9}, {4, 4}}}},
        Polygon{Part{ring_of({0, 0, 2, 2})}, Part{ring_of({1, 1, 3, 3})}}};
    CHECK_PICTURE(count(grid, polygons, touching()).picture(), R"(
        11....
        111...
        .11...
        ......
        ......)");
}

// With coordinates in eighths of a cell, a cell that is touched is covered by much more than rounding.
TEST(polygons_that_do_not_cross_themselves_touch_what_clipping_by_cells_leaves) {
    for (const Grid cells : {Grid{1, 1}, Grid{5, 6}, Grid{3, 130}, Grid{40, 2}}) {
        StarShapes random(cells, 8.0);
        for (int i = 0; i < 300; ++i) {
            const Ring ring = random.ring();
            if (!is_simple(ring)) continue;
            const std::vector<double> areas = clipped_areas(cells, ring);
            Picture expected = touched(Polygon{}, cells);
            for (std::size_t cell = 0; cell < areas.size(); ++cell) {
                const auto columns = static_cast<std::size_t>(cells.columns);
                if (areas[cell] > 1e-9) expected[cell / columns][cell % columns] = '1';
            }
            CHECK_EQUAL(touched(ring, cells), expected);
        }
    }
}
