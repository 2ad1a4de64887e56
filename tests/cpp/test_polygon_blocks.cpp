// Rings of every length, whose vertices are scanned several at once, beside the definition.

#include <cmath>
#include <cstddef>
#include <vector>

#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Outcome;

namespace {

constexpr Grid grid{12, 16};

// Round the middle, nowhere near a center.
Ring round_ring(std::size_t vertices, double radius) {
    Ring ring;
    for (std::size_t i = 0; i < vertices; ++i) {
        const double angle = 6.28 * (static_cast<double>(i) + 0.17) / static_cast<double>(vertices);
        const double r = radius * (i % 3 == 1 ? 0.61 : 0.97);
        ring.push_back({8.03 + r * std::cos(angle), 6.11 + r * std::sin(angle)});
    }
    return ring;
}

// The rule itself: an odd number of edges with the center on their left.
bool holds(const Grid& cells, const Ring& ring, double x, double y) {
    bool is_inside = false;
    for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
        const double xi = ring[i][0] / cells.columns;
        const double yi = ring[i][1] / cells.rows;
        const double xj = ring[j][0] / cells.columns;
        const double yj = ring[j][1] / cells.rows;
        if ((yi > y) == (yj > y)) continue;
        const double rise = std::fabs(yj - yi) < 1e-12 ? 1e-12 : yj - yi;
        is_inside ^= x < (xj - xi) * (y - yi) / rise + xi;
    }
    return is_inside;
}

Picture by_definition(const Grid& cells, const Part& part) {
    Counted counted{cells, {}, {}};
    for (int row = 0; row < cells.rows; ++row) {
        for (int column = 0; column < cells.columns; ++column) {
            bool is_inside = false;
            for (const Ring& ring : part) {
                is_inside ^= holds(cells, ring, (column + 0.5) / cells.columns, (row + 0.5) / cells.rows);
            }
            counted.values.push_back(is_inside);
        }
    }
    return counted.picture();
}

void compare(const Part& part) { CHECK_EQUAL(picture(grid, Polygon{part}), by_definition(grid, part)); }

}  // namespace

TEST(rings_of_any_length) {
    for (std::size_t vertices = 3; vertices < 30; ++vertices) {
        for (const double radius : {1.7, 3.0, 5.5}) {
            compare({round_ring(vertices, radius)});
        }
    }
}

TEST(an_odd_vertex_in_any_place_of_a_ring) {
    // On a center and beside it, on a row of centers, in line with a neighbor's row, left and right of the
    // image.
    const std::vector<Point> odd{{8.5, 3.5},
                                 {std::nextafter(8.5, 0.0), 3.5},
                                 {8.5, std::nextafter(3.5, 9.0)},
                                 {2.2, 5.5},
                                 {14.5, 6.5},
                                 {-0.7, 6.3},
                                 {16.9, 6.2}};
    for (std::size_t vertices = 3; vertices < 14; ++vertices) {
        for (std::size_t place = 0; place < vertices; ++place) {
            for (const Point& point : odd) {
                Ring ring = round_ring(vertices, 5.5);
                ring[place] = point;
                compare({ring});
            }
        }
    }
}

TEST(a_vertex_that_is_no_number_in_any_place_of_a_ring) {
    for (std::size_t vertices = 3; vertices < 14; ++vertices) {
        for (std::size_t place = 0; place < 2 * vertices; ++place) {
            for (const double odd : {not_a_number, infinity, -infinity}) {
                Ring ring = round_ring(vertices, 5.5);
                ring[place / 2][place % 2] = odd;
                CHECK_EQUAL(outcome(grid, Polygon{Part{ring}}), Outcome::not_finite);
            }
        }
    }
}

TEST(a_hole_begins_where_its_ring_ends) {
    for (std::size_t vertices = 3; vertices < 12; ++vertices) {
        for (std::size_t of_hole = 3; of_hole < 12; ++of_hole) {
            compare({round_ring(vertices, 5.5), round_ring(of_hole, 2.9)});
        }
    }
}

// More crossings than are found at a time, each of them on a center: a saw of many teeth.
TEST(many_edges_whose_crossings_are_all_ties) {
    Ring ring;
    for (int tooth = 0; tooth < 1515; ++tooth) {
        const double x = 0.5 + tooth % 15;
        ring.push_back({x, 0.5});
        ring.push_back({x, 11.5});
        ring.push_back({x + 1.0, 11.5});
        ring.push_back({x + 1.0, 0.5});
    }
    compare({ring});
}

// What a tie asks of the part as a whole is asked once: asked for each ring, it would outlast the test's time
// limit. An odd number of the same ring is that ring.
TEST(very_many_rings_whose_crossings_are_all_ties) {
    const Ring ring{{0.5, 3.2}, {0.5, 5.8}, {9.6, 4.7}};
    const Part part(200'001, ring);
    CHECK_EQUAL(picture(grid, Polygon{part}), by_definition(grid, {ring}));
}

// So many that they are not kept: a saw over all rows of a tall grid, of teeth that are not all as long.
TEST(more_crossings_than_are_kept) {
    constexpr int teeth = 1100;
    const Grid tall{2000, 5};
    Ring ring;
    for (int tooth = 0; tooth < teeth; ++tooth) {
        const double x = 5.0 * (tooth + 0.9) / teeth;
        ring.push_back({x, 2000.0});
        ring.push_back({x, 2.0 + tooth % 7});
        ring.push_back({x + 2.5 / teeth, 2.0 + tooth % 7});
        ring.push_back({x + 2.5 / teeth, 2000.0});
    }
    CHECK_EQUAL(picture(tall, Polygon{Part{ring}}), by_definition(tall, {ring}));
}
