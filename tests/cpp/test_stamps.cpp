// Stamps: shapes hit the cells that are counted, add their own amounts, and the greatest value is returned.

#include <string>
#include <vector>

#include "check.hpp"
#include "heatgrid/live/stamp.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Boxes;
using heatgrid::Discs;
using heatgrid::Footprint;
using heatgrid::Grid;
using heatgrid::Kind;
using heatgrid::Outcome;
using heatgrid::PointSets;
using heatgrid::Rectangle;
using heatgrid::Shapes;
using heatgrid::Stamping;
using heatgrid::Sums;

namespace {

constexpr Grid grid{4, 6};
constexpr double size[2] = {6.0, 4.0};

struct Canvas {
    std::vector<double> values = std::vector<double>(grid.cells(), 0.0);
    std::vector<Outcome> outcomes = {};
    double top = 0.0;

    [[nodiscard]] Picture picture() const {
        Picture rows;
        for (std::size_t r = 0; r < 4; ++r) {
            std::string row;
            for (std::size_t c = 0; c < 6; ++c) {
                const int value = static_cast<int>(values[6 * r + c]);
                row += value ? static_cast<char>('0' + value) : '.';
            }
            rows.push_back(row);
        }
        return rows;
    }
};

template <class View>
Shapes only(Kind kind, View Shapes::* member, const View& view) {
    Shapes shapes;
    shapes.present = static_cast<std::uint8_t>(kind);
    shapes.count = view.count;
    shapes.*member = view;
    return shapes;
}

Canvas stamped(const Shapes& shapes, const std::vector<double>& amounts,
               const std::vector<Footprint*>& footprints = {}, const std::vector<Rectangle>& limits = {}) {
    Canvas canvas;
    canvas.outcomes.resize(shapes.count);
    const Stamping stamping{amounts.data(), footprints.empty() ? nullptr : footprints.data(),
                            limits.empty() ? nullptr : limits.data(), canvas.outcomes.data()};
    canvas.top = stamp_shapes(shapes, stamping, Sums{canvas.values.data(), 1, grid});
    return canvas;
}

Canvas boxes(const std::vector<Box>& boxes, const std::vector<double>& amounts,
             const std::vector<Footprint*>& footprints = {}, const std::vector<Rectangle>& limits = {}) {
    const Boxes view{boxes.front().data(), boxes.size(), {size, 0}};
    return stamped(only(Kind::box, &Shapes::boxes, view), amounts, footprints, limits);
}

Canvas discs(const std::vector<double>& values, const std::vector<Rectangle>& limits = {}) {
    const Discs view{values.data(), values.size() / 3};
    return stamped(only(Kind::disc, &Shapes::discs, view), std::vector<double>(view.count, 1.0), {}, limits);
}

}  // namespace

TEST(boxes_add_their_own_amounts) {
    const Canvas canvas = boxes({{1, 1, 4, 3}, {3, 0, 6, 2}, {2, 2, 2, 3}}, {2.0, 3.0, 9.0});
    CHECK_PICTURE(canvas.picture(), R"(
        ...333
        .22533
        .222..
        ......)");
    CHECK_EQUAL(canvas.top, 5.0);
    CHECK_EQUAL(canvas.outcomes[2], Outcome::empty);
}

TEST(the_greatest_value_may_be_anywhere_in_a_run) {
    for (int c = 0; c < 6; ++c) {
        const double x = c;
        CHECK_EQUAL(boxes({{0, 0, 6, 1}, {x, 0, x + 1, 1}, {0, 0, 6, 1}}, {1, 5, 1}).top, 7.0);
    }
}

TEST(runs_of_any_length_leave_the_cells_after_them) {
    constexpr double after = 100.0;
    for (const std::int32_t columns : {40, 41, 60}) {
        for (std::int32_t width = 1; width <= 40; ++width) {
            for (std::int32_t peak = 0; peak < width; ++peak) {
                std::vector<double> cells(static_cast<std::size_t>(columns), after);
                for (std::int32_t c = 0; c < width; ++c) {
                    cells[static_cast<std::size_t>(c)] = c == peak ? 4.0 : 0.5;
                }
                const Box box{0, 0, static_cast<double>(width), 1};
                const double whole[2] = {static_cast<double>(columns), 1.0};
                const double amount = 2.0;
                Outcome outcome;
                const double top = stamp_shapes(
                    only(Kind::box, &Shapes::boxes, Boxes{box.data(), 1, {whole, 0}}),
                    Stamping{&amount, nullptr, nullptr, &outcome}, Sums{cells.data(), 1, Grid{1, columns}});
                CHECK_EQUAL(top, 6.0);
                for (std::int32_t c = 0; c < columns; ++c) {
                    const double hit = c == peak ? 6.0 : 2.5;
                    CHECK_EQUAL(cells[static_cast<std::size_t>(c)], c < width ? hit : after);
                }
            }
        }
    }
}

TEST(nothing_added_has_no_greatest_value) {
    CHECK_EQUAL(boxes({{-5, -5, -1, -1}}, {1.0}).top, 0.0);
    CHECK_EQUAL(boxes({{not_a_number, 0, 1, 1}}, {1.0}).outcomes[0], Outcome::not_finite);
}

TEST(shapes_of_one_footprint_are_united) {
    Footprint footprint;
    const Canvas canvas = boxes({{0, 0, 3, 2}, {1, 1, 5, 3}}, {1.0, 1.0}, {&footprint, &footprint});
    CHECK_PICTURE(canvas.picture(), R"(
        111...
        11111.
        .1111.
        ......)");
}

TEST(a_shape_without_a_footprint_adds_to_all_it_hits) {
    Footprint footprint;
    const Canvas canvas =
        boxes({{0, 0, 3, 1}, {0, 0, 3, 1}, {0, 0, 3, 1}}, {1, 1, 1}, {&footprint, nullptr, &footprint});
    CHECK_PICTURE(canvas.picture(), R"(
        222...
        ......
        ......
        ......)");
}

TEST(discs_are_clipped_to_the_grid) {
    CHECK_PICTURE(discs({0.5, 0.5, 2.0}).picture(), R"(
        111...
        11....
        1.....
        ......)");
}

TEST(discs_are_clipped_to_a_limit) {
    const Canvas canvas = discs({2.5, 1.5, 1.0, 2.5, 1.5, 1.0}, {{2, 4, 0, 2}, {5, 6, 0, 4}});
    CHECK_PICTURE(canvas.picture(), R"(
        ..1...
        ..11..
        ......
        ......)");
    CHECK_EQUAL(canvas.outcomes[0], Outcome::counted);
    CHECK_EQUAL(canvas.outcomes[1], Outcome::outside);
}

TEST(points_add_to_one_cell) {
    const std::vector<Point> points{{0.5, 0.5}, {6, 4}, {7, 1}};
    const PointSets view{points.front().data(), nullptr, nullptr, 3, {size, 0}};
    const Canvas canvas = stamped(only(Kind::points, &Shapes::points, view), {1, 2, 3});
    CHECK_PICTURE(canvas.picture(), R"(
        1.....
        ......
        ......
        .....2)");
    CHECK_EQUAL(canvas.top, 2.0);
    CHECK_EQUAL(canvas.outcomes[2], Outcome::outside);
}

TEST(masks_add_to_their_cells) {
    const std::vector<std::uint8_t> pixels{0, 1, 1, 0};
    const std::vector<std::int64_t> sizes{2, 2};
    const heatgrid::Bitmap bitmap{pixels.data(), 2, 1};
    heatgrid::Masks masks;
    masks.sizes = sizes.data();
    masks.count = 1;
    masks.bitmaps = &bitmap;
    const Canvas canvas = stamped(only(Kind::mask, &Shapes::masks, masks), {3.0});
    CHECK_PICTURE(canvas.picture(), R"(
        ...333
        ...333
        333...
        333...)");
    CHECK_EQUAL(canvas.top, 3.0);
}
