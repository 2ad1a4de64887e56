// The naive way to a polygon's area in each cell: cut it by the four sides of every cell, and measure what is
// left. Right for rings that do not cross themselves.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "shapes.hpp"

namespace heatgrid::check {

/// Twice the area is the sum of cross products, measured from the first vertex.
inline double area_of(const Ring& ring) {
    double twice = 0.0;
    for (std::size_t i = 2; i < ring.size(); ++i) {
        twice += (ring[i - 1][0] - ring[0][0]) * (ring[i][1] - ring[0][1]) -
                 (ring[i][0] - ring[0][0]) * (ring[i - 1][1] - ring[0][1]);
    }
    return std::fabs(twice) / 2;
}

/// What of a ring is on one side of a line across an axis: sign * (v - limit) >= 0.
inline Ring cut(const Ring& ring, std::size_t axis, double limit, double sign) {
    Ring kept;
    for (std::size_t i = 0; i < ring.size(); ++i) {
        const Point& a = ring[i == 0 ? ring.size() - 1 : i - 1];
        const Point& b = ring[i];
        const double from = sign * (a[axis] - limit);
        const double to = sign * (b[axis] - limit);
        if ((from < 0) != (to < 0)) {
            const double part = from / (from - to);
            kept.push_back({a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part});
        }
        if (to >= 0) kept.push_back(b);
    }
    return kept;
}

inline std::vector<double> clipped_areas(Grid grid, const Ring& ring) {
    std::vector<double> areas;
    for (std::int32_t row = 0; row < grid.rows; ++row) {
        const Ring in_row = cut(cut(ring, 1, row, 1.0), 1, row + 1.0, -1.0);
        for (std::int32_t column = 0; column < grid.columns; ++column) {
            areas.push_back(area_of(cut(cut(in_row, 0, column, 1.0), 0, column + 1.0, -1.0)));
        }
    }
    return areas;
}

/// Seeded rings that do not cross themselves: vertices in the order of their direction from a place inside.
class StarShapes {
  public:
    /// Coordinates in whole parts of a cell; 0: any.
    StarShapes(Grid grid, double parts) : grid_(grid), parts_(parts) {}

    Ring ring() {
        const Point center{up_to(1.0) * grid_.columns, up_to(1.0) * grid_.rows};
        const double width = up_to(0.7) * grid_.columns + 0.25;
        const double height = up_to(0.7) * grid_.rows + 0.25;
        const auto count = static_cast<double>(5 + engine_() % 12);
        Ring vertices;
        for (double i = 0; i < count; ++i) {
            const double angle = (i + up_to(0.9)) * 2 * std::acos(-1.0) / count;
            const double radius = 0.2 + up_to(0.8);
            vertices.push_back({rounded(center[0] + width * radius * std::cos(angle)),
                                rounded(center[1] + height * radius * std::sin(angle))});
        }
        return vertices;
    }

    double up_to(double limit) { return static_cast<double>(engine_() >> 11) * 0x1p-53 * limit; }

  private:
    [[nodiscard]] double rounded(double v) const { return parts_ > 0 ? std::round(v * parts_) / parts_ : v; }

    Grid grid_;
    double parts_;
    std::mt19937_64 engine_{20240229};
};

/// Whether no two edges of a ring meet but at the vertex between them; by doubles, exact for rounded ones.
inline bool is_simple(const Ring& ring) {
    const auto side = [](const Point& a, const Point& b, const Point& c) {
        const double cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        return static_cast<int>(cross > 0) - static_cast<int>(cross < 0);
    };
    const std::size_t n = ring.size();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = i + 1; k < n; ++k) {
            const Point& a = ring[i];
            const Point& b = ring[(i + 1) % n];
            const Point& c = ring[k];
            const Point& d = ring[(k + 1) % n];
            const bool are_neighbors = k == i + 1 || (i == 0 && k == n - 1);
            if (are_neighbors) {
                if (side(a, b, k == i + 1 ? d : c) == 0) return false;
            } else if (side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace heatgrid::check
