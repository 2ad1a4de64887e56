// Rule::area: the share of each cell that a polygon covers.
#include <algorithm>
#include <cmath>

#include "clipped.hpp"
#include "heatgrid/shapes/area/polygon_cover.hpp"
#include "random_shapes.hpp"
#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;
using heatgrid::PartialCell;
using heatgrid::PolygonCover;
using heatgrid::Rule;
using heatgrid::Run;

namespace {

constexpr Grid grid{3, 4};
using Shares = std::vector<double>;

Shares shares(const Polygon& polygon, Grid cells = grid) {
    Options options;
    options.rule = Rule::area;
    return sum(cells, std::vector<Polygon>{polygon}, options).values;
}
Shares shares(const Ring& ring, Grid cells = grid) { return shares(Polygon{Part{ring}}, cells); }

double total(const Shares& values) {
    double all = 0.0;
    for (const double value : values) all += value;
    return all;
}

bool are_close(double a, double b) { return std::fabs(a - b) <= 1e-12 + 1e-9 * std::fabs(b); }

bool are_close(const Shares& a, const Shares& b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) { return are_close(x, y); });
}

Box meet(const Box& a, const Box& b) {
    return {std::max(a[0], b[0]), std::max(a[1], b[1]), std::max(std::max(a[0], b[0]), std::min(a[2], b[2])),
            std::max(std::max(a[1], b[1]), std::min(a[3], b[3]))};
}

double area_of(const Box& box) { return (box[2] - box[0]) * (box[3] - box[1]); }

Ring regular(std::size_t count, std::size_t step, double radius) {
    Ring ring;
    for (std::size_t i = 0; i < count; ++i) {
        const double angle =
            2 * std::acos(-1.0) * static_cast<double>(i * step % count) / static_cast<double>(count);
        ring.push_back({radius * (1 + std::sin(angle)), radius * (1 - std::cos(angle))});
    }
    return ring;
}

}  // namespace

TEST(shares_of_a_box) {
    CHECK(shares(ring_of({0.5, 0.75, 2.25, 2})) == (Shares{0.125, 0.25, 0.0625, 0,  //
                                                           0.5, 1, 0.25, 0,         //
                                                           0, 0, 0, 0}));
}

TEST(shares_of_a_triangle) {
    CHECK(shares(Ring{{0, 0}, {4, 0}, {0, 2}}) == (Shares{1, 1, 0.75, 0.25,  //
                                                          0.75, 0.25, 0, 0,  //
                                                          0, 0, 0, 0}));
}

TEST(a_diagonal_cuts_cells_in_half) {
    CHECK(shares(Ring{{0, 0}, {3, 3}, {0, 3}}) == (Shares{0.5, 0, 0, 0,  //
                                                          1, 0.5, 0, 0,  //
                                                          1, 1, 0.5, 0}));
}

TEST(a_bow_tie_has_two_halves) {
    CHECK(shares(Ring{{0, 0}, {2, 2}, {2, 0}, {0, 2}}) == (Shares{0.5, 0.5, 0, 0,  //
                                                                  0.5, 0.5, 0, 0,  //
                                                                  0, 0, 0, 0}));
    // Lying on its side: the edges cross inside one row.
    CHECK(are_close(shares(Ring{{0, 0}, {4, 0}, {0, 1}, {4, 1}}), Shares{0.25, 0.75, 0.75, 0.25,  //
                                                                         0, 0, 0, 0,              //
                                                                         0, 0, 0, 0}));
}

TEST(holes_are_left_out) {
    CHECK(shares(Polygon{Part{ring_of({0, 0, 4, 3}), ring_of({0.5, 1, 3, 2.5})}}) ==
          (Shares{1, 1, 1, 1,    //
                  0.5, 0, 0, 1,  //
                  0.75, 0.5, 0.5, 1}));
}

TEST(a_ring_within_one_cell_is_left_out_of_it) {
    CHECK(
        are_close(shares(Polygon{Part{ring_of({0, 0, 3, 3}), Ring{{1.25, 1.25}, {1.75, 1.5}, {1.25, 1.75}}}}),
                  Shares{1, 1, 1, 0,      //
                         1, 0.875, 1, 0,  //
                         1, 1, 1, 0}));
}

TEST(overlapping_parts_are_covered_once) {
    CHECK(are_close(shares(Polygon{Part{ring_of({0, 0, 2, 2})}, Part{ring_of({1, 1, 3, 2.5})}}),
                    Shares{1, 1, 0, 0,  //
                           1, 1, 1, 0,  //
                           0, 0.5, 0.5, 0}));
    // One inside the other, and two that cross.
    CHECK(are_close(shares(Polygon{Part{ring_of({0, 0, 3, 3})}, Part{Ring{{1, 1}, {2, 1.5}, {1, 2}}}}),
                    shares(ring_of({0, 0, 3, 3}))));
    CHECK(are_close(shares(Polygon{Part{Ring{{0, 0}, {2, 0}, {1, 1}}}, Part{Ring{{0, 1}, {2, 1}, {1, 0}}}}),
                    Shares{0.75, 0.75, 0, 0,  //
                           0, 0, 0, 0,        //
                           0, 0, 0, 0}));
}

TEST(bridges_and_spikes_cover_nothing) {
    CHECK(are_close(shares(Ring{{0, 0}, {1, 0}, {1, 1}, {3.5, 2.25}, {1, 1}, {0, 1}}),
                    shares(ring_of({0, 0, 1, 1}))));
    CHECK(are_close(
        shares(Ring{{0, 0}, {4, 0}, {4, 3}, {0, 3}, {0, 0}, {1, 1}, {1, 2}, {3, 2}, {3, 1}, {1, 1}}),
        shares(Polygon{Part{ring_of({0, 0, 4, 3}), ring_of({1, 1, 3, 2})}})));
}

TEST(a_polygon_is_cut_off_at_the_image) {
    CHECK(are_close(shares(Ring{{-4, -1}, {4, -1}, {-4, 7}}), Shares{1, 1, 0.5, 0,  //
                                                                     1, 0.5, 0, 0,  //
                                                                     0.5, 0, 0, 0}));
    CHECK(are_close(shares(Ring{{3, -3}, {9, 1.5}, {3, 6}}), Shares{0, 0, 0, 1,  //
                                                                    0, 0, 0, 1,  //
                                                                    0, 0, 0, 1}));
    Options options;
    options.rule = Rule::area;
    for (const Box& box : {Box{-3, 1, 0, 2}, Box{4, 1, 9, 2}, Box{1, -3, 2, 0}, Box{1, 3, 2, 9}}) {
        const std::vector<Polygon> beside{Polygon{Part{ring_of(box)}}};
        CHECK_EQUAL(sum(grid, beside, options).outcomes.front(), Outcome::outside);
    }
}

TEST(coordinates_of_any_size_are_measured_exactly) {
    CHECK(are_close(shares(ring_of({-1e300, 0.5, 1e300, 2})), shares(ring_of({0, 0.5, 4, 2}))));
    CHECK(are_close(shares(Ring{{-1e300, -1e300}, {1e300, 1e300}, {-1e300, 1e300}}),
                    shares(Ring{{0, 0}, {3, 3}, {0, 3}})));
    CHECK(are_close(shares(Ring{{0, 0}, {largest, 0}, {largest, 1}, {0, 1}}), shares(ring_of({0, 0, 4, 1}))));
    CHECK(are_close(shares(Ring{{1e9, -1e9}, {-1e9, 1e9}, {1e9, 1e9}}),
                    shares(Ring{{0, 0}, {4, 0}, {4, 3}, {0, 3}})));
}

TEST(a_tiny_polygon_is_measured_by_its_own_size) {
    for (const double size : {1e-3, 1e-6, 1e-9, 1e-12}) {
        const double right = 0.375 + size;
        const double low = 0.625 + size;
        const double width = right - 0.375;
        const double height = low - 0.625;
        const double found = total(shares(Ring{{0.375, 0.625}, {right, 0.625}, {0.375, low}}, Grid{1, 1}));
        CHECK(std::fabs(found - width * height / 2) <= 1e-12 * found);
    }
}

TEST(shares_sum_to_the_area_of_a_ring_that_does_not_cross_itself) {
    for (const Grid cells : {Grid{1, 1}, Grid{3, 4}, Grid{50, 50}, Grid{1, 200}, Grid{100, 3}}) {
        StarShapes random(cells, 0);
        for (int i = 0; i < 200; ++i) {
            Ring ring = random.ring();
            for (Point& vertex : ring) {
                vertex[0] = std::clamp(vertex[0], 0.0, static_cast<double>(cells.columns));
                vertex[1] = std::clamp(vertex[1], 0.0, static_cast<double>(cells.rows));
            }
            if (!is_simple(ring)) continue;
            const Shares found = shares(ring, cells);
            CHECK(are_close(total(found), heatgrid::check::area_of(ring)));
            CHECK(are_close(found, clipped_areas(cells, ring)));
            std::reverse(ring.begin(), ring.end());
            CHECK(are_close(shares(ring, cells), found));
        }
    }
}

TEST(shares_are_those_that_clipping_by_cells_leaves) {
    for (const Grid cells : {Grid{1, 1}, Grid{3, 4}, Grid{2, 130}, Grid{20, 20}}) {
        for (const double parts : {0.0, 8.0, 2.0}) {
            StarShapes random(cells, parts);
            for (int i = 0; i < 200; ++i) {
                const Ring ring = random.ring();
                if (is_simple(ring)) CHECK(are_close(shares(ring, cells), clipped_areas(cells, ring)));
            }
        }
    }
}

TEST(two_boxes_united_as_a_hole_and_one_over_the_other) {
    Generator random(Grid{6, 7});
    const Box image{0, 0, 7, 6};
    for (int i = 0; i < 300; ++i) {
        const Box a = meet(random.box(), image);
        const Box b = meet(random.box(), image);
        if (!(area_of(a) > 0 && area_of(b) > 0)) continue;
        const double both = area_of(meet(a, b));
        const Ring one = ring_of(a);
        const Ring other = ring_of(b);
        CHECK(are_close(total(shares(Polygon{Part{one}, Part{other}}, Grid{6, 7})),
                        area_of(a) + area_of(b) - both));
        CHECK(are_close(total(shares(Polygon{Part{one, other}}, Grid{6, 7})),
                        area_of(a) + area_of(b) - 2 * both));
    }
}

// Two areas less the common one, and two areas less twice the common one, whatever the shapes.
TEST(united_and_alternating_areas_fit_together) {
    const Grid cells{9, 8};
    StarShapes random(cells, 0);
    for (int i = 0; i < 300; ++i) {
        const Ring a = random.ring();
        const Ring b = random.ring();
        const double sum_of_both = total(shares(a, cells)) + total(shares(b, cells));
        const double united = total(shares(Polygon{Part{a}, Part{b}}, cells));
        const double alternating = total(shares(Polygon{Part{a, b}}, cells));
        CHECK(are_close(2 * united - alternating, sum_of_both));
    }
}

TEST(a_polygon_moved_by_whole_cells_has_the_same_shares_there) {
    const Grid cells{16, 17};
    StarShapes random(Grid{6, 7}, 16.0);
    for (int i = 0; i < 200; ++i) {
        Ring ring = random.ring();
        for (Point& vertex : ring)
            vertex = {std::clamp(vertex[0], 0.0, 7.0), std::clamp(vertex[1], 0.0, 6.0)};
        const Shares before = shares(ring, cells);
        for (Point& vertex : ring) vertex = {vertex[0] + 5, vertex[1] + 8};
        const Shares after = shares(ring, cells);
        for (std::size_t row = 0; row < 6; ++row) {
            for (std::size_t column = 0; column < 7; ++column) {
                CHECK(are_close(after[(row + 8) * 17 + column + 5], before[row * 17 + column]));
            }
        }
    }
}

// Its middle, which it goes around twice, is outside.
TEST(a_pentagram_is_its_five_points) {
    const double angle = std::acos(-1.0) / 5;
    const double inner = 50 * std::cos(2 * angle) / std::cos(angle);
    const double points = 5 * inner * std::sin(angle) * (50 - inner * std::cos(angle));
    for (const std::int32_t size : {1, 7, 100}) {
        Ring star = regular(5, 2, 50);
        for (Point& vertex : star) vertex = {vertex[0] * size / 100, vertex[1] * size / 100};
        const double found = total(shares(star, Grid{size, size}));
        CHECK(are_close(found, points * size * size / 10000));
    }
}

TEST(a_star_that_crosses_itself_everywhere_is_the_same_on_all_grids) {
    const Ring star = regular(61, 29, 32);
    const double expected = total(shares(star, Grid{64, 64}));
    for (const std::int32_t size : {1, 4, 16}) {
        Ring scaled = star;
        for (Point& vertex : scaled) vertex = {vertex[0] * size / 64, vertex[1] * size / 64};
        CHECK(are_close(total(shares(scaled, Grid{size, size})) * (64.0 / size) * (64.0 / size), expected));
    }
}

TEST(a_comb_of_many_teeth_in_one_row) {
    for (const std::size_t teeth : {std::size_t{3}, std::size_t{40}, std::size_t{500}}) {
        const double width = 4.0 / static_cast<double>(teeth);
        Ring comb{{4, 3}, {0, 3}};
        for (std::size_t i = 0; i < teeth; ++i) {
            comb.push_back({static_cast<double>(i) * width, 0.125});
            comb.push_back({(static_cast<double>(i) + 0.75) * width, 0.875});
        }
        comb.push_back({4, 0.125});
        CHECK(are_close(total(shares(comb)), heatgrid::check::area_of(comb)));
    }
}

TEST(a_cell_is_covered_wholly_or_in_part_and_once) {
    const Grid cells{11, 70};
    PolygonCover cover(cells);
    Generator random(cells);
    for (int i = 0; i < 300; ++i) {
        const Ring ring = random.ring();
        std::vector<double> coordinates;
        for (const Point& vertex : ring)
            coordinates.insert(coordinates.end(), {vertex[0] / 70, vertex[1] / 11});
        const std::int64_t offsets[] = {0, static_cast<std::int64_t>(ring.size())};
        const heatgrid::Polygons one{coordinates.data(), offsets, nullptr, nullptr, 1, {}};
        const Outcome outcome = cover.scan(one, 0);
        std::vector<int> hits(cells.cells(), 0);
        const auto hit = [&](std::int32_t row, std::int32_t column) {
            ++hits[static_cast<std::size_t>(row) * 70 + static_cast<std::size_t>(column)];
        };
        for (const Run& run : cover.runs()) {
            CHECK(run.first < run.last);
            for (std::int32_t column = run.first; column < run.last; ++column) hit(run.row, column);
        }
        for (const PartialCell& cell : cover.partial_cells()) {
            CHECK(cell.fraction > 0 && cell.fraction < 1);
            hit(cell.row, cell.column);
        }
        CHECK(*std::max_element(hits.begin(), hits.end()) <= 1);
        if (outcome != Outcome::counted) CHECK(cover.runs().empty() && cover.partial_cells().empty());
    }
}

TEST(an_invalid_polygon_covers_nothing_and_leaves_nothing_behind) {
    Options options;
    options.rule = Rule::area;
    const std::vector<Polygon> polygons{
        Polygon{Part{ring_of({0, 0, 4, 3})}, Part{{{0, 0}, {infinity, 9}, {4, 4}}}},
        Polygon{Part{ring_of({1, 1, 2, 2})}}};
    const Summed found = sum(grid, polygons, options);
    CHECK_EQUAL(found.outcomes.front(), Outcome::not_finite);
    CHECK_EQUAL(found.outcomes.back(), Outcome::counted);
    CHECK_EQUAL(total(found.values), 1.0);
}
