// The selection of geometries, as a table: what an annotation has, what is asked for, and what is selected.
#include "heatgrid/count/select_geometry.hpp"

#include <vector>

#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Geometry;
using heatgrid::Kind;
using heatgrid::Outcome;
using heatgrid::SelectionInput;
using heatgrid::SelectionOutput;

namespace {

// Geometries to choose from; 0 means that the annotation has none of the kind.
enum class B { none, good, bad };
enum class P { none, good, two_points, with_short_ring, bad, bad_short_ring };
enum class M { none, good, bad };
enum class L { none, good, one_vertex, bad };
enum class K { none, good, hidden, bad, bad_hidden };

struct Has {
    B box = B::none;
    P polygon = P::none;
    M mask = M::none;
    L lines = L::none;
    K points = K::none;
    bool is_sized = true;
};

struct Selected {
    unsigned kind = 0;
    Outcome outcome = Outcome::pending;
    unsigned notes = 0;
    Box box{};
};

std::vector<Ring> rings_of(P polygon) {
    const Ring good{{1, 1}, {3, 1}, {3, 2}};
    switch (polygon) {
        case P::none:
            return {};
        case P::good:
            return {good};
        case P::two_points:
            return {{{1, 1}, {3, 1}, {1, 1}, {3, 1}}};
        case P::with_short_ring:
            return {{{9, 9}, {8, 8}}, good};
        case P::bad:
            return {good, {{1, 1}, {3, infinity}, {3, 2}}};
        case P::bad_short_ring:
            return {good, {{1, 1}, {not_a_number, 1}}};
    }
    return {};
}

Ring path_of(L lines) {
    if (lines == L::one_vertex) return {{1, 1}};
    if (lines == L::bad) return {{1, 1}, {infinity, 1}};
    return lines == L::good ? Ring{{1, 1}, {2, 1}} : Ring{};
}

unsigned kinds_of(const Has& has) {
    unsigned kinds = 0;
    if (has.box != B::none) kinds |= static_cast<unsigned>(Kind::box);
    if (has.polygon != P::none) kinds |= static_cast<unsigned>(Kind::polygon);
    if (has.mask != M::none) kinds |= static_cast<unsigned>(Kind::mask);
    if (has.lines != L::none) kinds |= static_cast<unsigned>(Kind::lines);
    if (has.points != K::none) kinds |= static_cast<unsigned>(Kind::points);
    return kinds;
}

// The annotation is the second of two; the first has nothing and is not pending.
Selected select(const Has& has, Geometry geometry, bool with_area = false, std::uint8_t flag = 0) {
    const double bad = has.box == B::bad ? not_a_number : 4.0;
    const double boxes[8] = {0, 0, 0, 0, 0, 0, bad, 5};
    std::vector<double> vertices;
    std::vector<std::int64_t> rings{0};
    for (const Ring& ring : rings_of(has.polygon)) {
        for (const Point& vertex : ring) vertices.insert(vertices.end(), vertex.begin(), vertex.end());
        rings.push_back(static_cast<std::int64_t>(vertices.size() / 2));
    }
    const std::int64_t polygons[3] = {0, 0, static_cast<std::int64_t>(rings.size()) - 1};
    const std::int64_t mask_sizes[4] = {0, 0, 2, 2};
    const std::int64_t runs[2] = {1, has.mask == M::good ? 3 : 4};
    const std::int64_t run_offsets[3] = {0, 0, 2};
    const Ring path = path_of(has.lines);
    const std::int64_t paths[2] = {0, static_cast<std::int64_t>(path.size())};
    const std::int64_t lines[3] = {0, 0, 1};
    const double second = has.points == K::bad || has.points == K::bad_hidden ? infinity : 2.0;
    const double points[4] = {1, 1, 2, second};
    const std::uint8_t first_visible = has.points == K::hidden ? 0 : 1;
    const std::uint8_t visible[2] = {first_visible, has.points == K::bad ? first_visible : std::uint8_t{0}};
    const std::int64_t point_offsets[3] = {0, 0, 2};
    const std::uint8_t kinds[2] = {0, static_cast<std::uint8_t>(kinds_of(has))};
    const std::uint8_t flags[2] = {0, flag};
    const std::uint8_t sized[2] = {1, static_cast<std::uint8_t>(has.is_sized ? 1 : 0)};

    SelectionInput input;
    input.shapes.count = 2;
    input.shapes.kinds = kinds;
    input.shapes.present = 31;
    input.shapes.boxes = {boxes, 2, {}};
    input.shapes.polygons = {vertices.data(), rings.data(), nullptr, polygons, 2, {}};
    input.shapes.masks.sizes = mask_sizes;
    input.shapes.masks.count = 2;
    input.shapes.masks.runs = runs;
    input.shapes.masks.run_offsets = run_offsets;
    input.shapes.lines = {path.empty() ? nullptr : path.front().data(), paths, lines, 2, {}};
    input.shapes.points = {points, point_offsets, visible, 2, {}};
    input.flags = flags;
    input.sized = sized;
    input.geometry = geometry;
    input.with_area = with_area;

    Outcome outcomes[2] = {Outcome::excluded, Outcome::pending};
    std::uint8_t selected[2] = {99, 99};
    std::uint8_t notes[2] = {99, 99};
    double selected_boxes[8] = {};
    select_geometry(input, SelectionOutput{outcomes, selected, notes, selected_boxes});
    CHECK_EQUAL(outcomes[0], Outcome::excluded);
    CHECK_EQUAL(int{selected[0]}, 0);
    return {selected[1],
            outcomes[1],
            notes[1],
            {selected_boxes[4], selected_boxes[5], selected_boxes[6], selected_boxes[7]}};
}

struct Case {
    Has has;
    Geometry geometry;
    unsigned kind;
    Outcome outcome = Outcome::pending;
    unsigned notes = 0;
    bool with_area = false;
};

void check(const std::vector<Case>& cases) {
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Case& one = cases[i];
        const Selected found = select(one.has, one.geometry, one.with_area);
        const auto row = [&](unsigned kind, Outcome outcome, unsigned notes) {
            return std::vector<std::size_t>{i, kind, static_cast<std::size_t>(outcome), notes};
        };
        CHECK(row(found.kind, found.outcome, found.notes) == row(one.kind, one.outcome, one.notes));
        if (found.kind != one.kind || found.outcome != one.outcome || found.notes != one.notes) {
            CHECK_EQUAL(i, cases.size());  // says which
        }
    }
}

constexpr Geometry automatic = Geometry::automatic;

}  // namespace

TEST(automatic_prefers_polygon_mask_box_lines_points) {
    check({
        {{B::good, P::good, M::good, L::good, K::good}, automatic, 2},
        {{B::good, P::none, M::good, L::good, K::good}, automatic, 4},
        {{B::good, P::none, M::none, L::good, K::good}, automatic, 1},
        {{B::none, P::none, M::none, L::good, K::good}, automatic, 16},
        {{B::none, P::none, M::none, L::none, K::good}, automatic, 8},
        {{}, automatic, 0, Outcome::no_geometry},
    });
}

TEST(boxes_replace_unusable_geometries_with_a_note) {
    check({
        {{B::good, P::two_points}, automatic, 1, Outcome::pending, 1},
        {{B::good, P::none, M::bad}, automatic, 1, Outcome::pending, 2},
        {{B::good, P::bad, M::bad}, automatic, 1, Outcome::pending, 3},
        {{B::bad, P::two_points, M::good}, automatic, 4},
        {{B::good, P::good}, Geometry::box, 1},
        {{B::good, P::bad}, Geometry::box, 1},
        {{B::none, P::good}, Geometry::box, 1, Outcome::pending, 4},
        {{B::bad, P::with_short_ring}, Geometry::box, 1, Outcome::pending, 4},
    });
}

TEST(short_rings_are_noted) {
    check({
        {{B::good, P::with_short_ring}, automatic, 2, Outcome::pending, 8},
        {{B::none, P::bad_short_ring}, Geometry::polygon, 2, Outcome::pending, 8},
    });
}

TEST(a_named_geometry_is_the_only_one) {
    const Has all{B::good, P::good, M::good, L::good, K::good};
    check({
        {all, Geometry::box, 1},
        {all, Geometry::polygon, 2},
        {all, Geometry::mask, 4},
        {all, Geometry::line, 16},
        {all, Geometry::point, 8},
        {{B::good}, Geometry::polygon, 0, Outcome::no_geometry},
        {{B::none, P::good}, Geometry::mask, 0, Outcome::no_geometry},
        {{B::none, P::none, M::good}, Geometry::box, 0, Outcome::no_geometry},
        {{B::good}, Geometry::point, 0, Outcome::no_geometry},
        {{B::good}, Geometry::line, 0, Outcome::no_geometry},
    });
}

TEST(the_most_informative_reason_is_given) {
    const bool unsized = false;
    check({
        {{B::bad}, automatic, 0, Outcome::not_finite},
        {{B::none, P::bad}, automatic, 0, Outcome::not_finite},
        {{B::none, P::none, M::none, L::bad}, automatic, 0, Outcome::not_finite},
        {{B::none, P::none, M::none, L::none, K::bad}, automatic, 0, Outcome::not_finite},
        {{B::bad, P::none, M::bad}, automatic, 0, Outcome::not_finite},
        {{B::bad, P::two_points}, Geometry::box, 0, Outcome::not_finite},
        {{B::none, P::two_points}, Geometry::box, 0, Outcome::too_few_vertices},
        {{B::bad, P::two_points}, Geometry::polygon, 0, Outcome::too_few_vertices},
        {{B::none, P::two_points, M::bad}, automatic, 0, Outcome::broken_mask},
        {{B::none, P::none, M::bad, L::none, K::none, unsized}, automatic, 0, Outcome::broken_mask},
        {{B::good, P::none, M::none, L::none, K::none, unsized}, automatic, 0, Outcome::no_size},
        {{B::bad, P::none, M::none, L::none, K::none, unsized}, automatic, 0, Outcome::not_finite},
        {{B::good, P::none, M::good, L::none, K::none, unsized}, automatic, 4},
        {{B::none, P::two_points, M::none, L::none, K::none, unsized}, automatic, 0, Outcome::no_size},
        {{B::none, P::two_points, M::none, L::one_vertex, K::hidden},
         automatic,
         0,
         Outcome::too_few_vertices},
        {{B::none, P::none, M::none, L::one_vertex, K::hidden}, automatic, 0, Outcome::line_too_short},
        {{B::none, P::none, M::none, L::none, K::hidden}, automatic, 0, Outcome::no_visible_point},
        {{B::none, P::none, M::none, L::none, K::bad_hidden}, automatic, 8},
    });
}

TEST(lines_and_points_have_no_area) {
    const bool with_area = true;
    check({
        {{B::none, P::none, M::none, L::good, K::good},
         automatic,
         0,
         Outcome::line_without_area,
         0,
         with_area},
        {{B::none, P::none, M::none, L::none, K::good},
         automatic,
         0,
         Outcome::point_without_area,
         0,
         with_area},
        {{B::none, P::none, M::none, L::good}, Geometry::line, 0, Outcome::line_without_area, 0, with_area},
        {{B::bad, P::none, M::none, L::good}, automatic, 0, Outcome::line_without_area, 0, with_area},
        {{B::none, P::none, M::none, L::bad}, automatic, 0, Outcome::not_finite, 0, with_area},
        {{B::good, P::none, M::none, L::good}, automatic, 1, Outcome::pending, 0, with_area},
    });
}

TEST(annotations_to_be_ignored_or_outside_are_excluded) {
    CHECK_EQUAL(select({B::good}, automatic, false, 2).outcome, Outcome::excluded);
    CHECK_EQUAL(select({B::good}, automatic, false, 16).outcome, Outcome::excluded);
    CHECK_EQUAL(select({}, automatic, false, 17).outcome, Outcome::excluded);
    CHECK_EQUAL(select({B::good}, automatic, false, 45).outcome, Outcome::pending);
    CHECK_EQUAL(select({B::none, P::good}, Geometry::box, false, 16).notes, 0U);
}

TEST(boxes_are_copied_or_bound_polygons) {
    CHECK(select({B::good}, Geometry::box).box == (Box{0, 0, 4, 5}));
    CHECK(select({B::bad, P::good}, Geometry::box).box == (Box{1, 1, 3, 2}));
    CHECK(select({B::none, P::with_short_ring}, Geometry::box).box == (Box{1, 1, 3, 2}));
}

TEST(blocks_of_finite_boxes_are_selected_whole) {
    std::vector<double> corners(4 * 3000, 1.0);
    corners[4 * 1500 + 2] = not_a_number;
    SelectionInput input;
    input.shapes.count = 3000;
    input.shapes.present = static_cast<std::uint8_t>(Kind::box);
    input.shapes.boxes = {corners.data(), 3000, {}};
    std::vector<Outcome> outcomes(3000, Outcome::pending);
    std::vector<std::uint8_t> kinds(3000, 9);
    std::vector<std::uint8_t> notes(3000, 9);
    outcomes[2999] = Outcome::other_class;
    select_geometry(input, SelectionOutput{outcomes.data(), kinds.data(), notes.data(), nullptr});
    for (std::size_t i = 0; i < 3000; ++i) {
        const Outcome expected = i == 1500   ? Outcome::not_finite
                                 : i == 2999 ? Outcome::other_class
                                             : Outcome::pending;
        CHECK_EQUAL(outcomes[i], expected);
        CHECK_EQUAL(int{kinds[i]}, expected == Outcome::pending ? 1 : 0);
        CHECK_EQUAL(int{notes[i]}, 0);
    }
}
