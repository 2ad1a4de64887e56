#include "heatgrid/shapes/disc.hpp"

#include <cmath>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/simd/double2.hpp"

namespace heatgrid {
namespace {

// The cell, of n along an axis, whose center is nearest to a position.
std::int32_t nearest_cell(double place, std::int32_t n) noexcept {
    if (!(place > 0.0)) return 0;
    return place < static_cast<double>(n) ? static_cast<std::int32_t>(place) : n - 1;
}

// One row of a disc: the centers that lie inside.
struct DiscRow {
    double cx;
    double rise;   // (y - cy)^2
    double limit;  // radius^2

    [[nodiscard]] bool contains(std::int32_t column) const noexcept {
        const double run = static_cast<double>(column) + 0.5 - cx;
        return run * run + rise <= limit;
    }

    // The last column that is inside, from one that is inside on toward `end`.
    [[nodiscard]] std::int32_t reach(std::int32_t inside, std::int32_t end) const noexcept {
        if (contains(end)) return end;
        std::int32_t outside = end;
        const std::int32_t step = end < inside ? -1 : 1;
        while (outside - inside != step) {
            const std::int32_t middle = inside + (outside - inside) / 2;
            (contains(middle) ? inside : outside) = middle;
        }
        return inside;
    }

    // Writes the first and one past the last column inside; whether there are any.
    [[nodiscard]] bool search(std::int32_t columns, Run& run) const noexcept {
        const std::int32_t middle = nearest_cell(cx, columns);
        if (!contains(middle)) return false;
        run.first = reach(middle, 0);
        run.last = reach(middle, columns - 1) + 1;
        return true;
    }
};

// Both ends of a row at once, estimated by a square root.
class RowEnds {
  public:
    explicit RowEnds(const DiscRow& row) noexcept
        : cx_(row.cx), rise_(row.rise), limit_(row.limit), ends_(estimate(row.cx, row.limit - row.rise)) {}

    // Whether the expression confirms that both are inside, and that their outer neighbors are not.
    [[nodiscard]] bool are_exact() const noexcept {
        return !are_outside(ends_).any() && are_outside(ends_ + Double2(-1.0, 1.0)).all();
    }

    // Writes the first and one past the last column in the grid; whether there are any.
    [[nodiscard]] bool cut(std::int32_t columns, Run& run) const noexcept {
        std::int32_t ends[2];
        clamp(ends_ + Double2(0.0, 1.0), Double2(0.0), Double2(static_cast<double>(columns))).truncate(ends);
        run.first = ends[0];
        run.last = ends[1];
        return run.first < run.last;
    }

  private:
    [[nodiscard]] static Double2 estimate(double cx, double rest) noexcept {
        constexpr double rounder = 0x1.8p52;  // adding it rounds to a whole number, up to 2^51
        const double half = std::sqrt(rest > 0.0 ? rest : 0.0);
        return Double2(cx - half, cx + half) + Double2(rounder) - Double2(rounder) - Double2(0.0, 1.0);
    }

    [[nodiscard]] Double2::Mask are_outside(Double2 columns) const noexcept {
        const Double2 run = columns + Double2(0.5) - cx_;
        return limit_ < run * run + rise_;
    }

    Double2 cx_;
    Double2 rise_;
    Double2 limit_;
    Double2 ends_;
};

}  // namespace

Outcome DiscScan::scan(const Discs& discs, std::size_t index) {
    runs_.clear();
    const double cx = discs.values[3 * index];
    const double cy = discs.values[3 * index + 1];
    const double radius = discs.values[3 * index + 2];
    if (!(is_finite(cx) && is_finite(cy) && is_finite(radius) && radius >= 0.0)) return Outcome::not_finite;
    // Rows beyond these are farther away than the radius, with any rounding.
    const std::int32_t top = nearest_cell(cy - radius - 1.0, grid_.rows);
    const std::int32_t bottom = nearest_cell(cy + radius + 1.0, grid_.rows);
    check_(10 * static_cast<std::size_t>(bottom - top));
    for (std::int32_t row = top; row <= bottom; ++row) {
        const double rise = static_cast<double>(row) + 0.5 - cy;
        const DiscRow line{cx, rise * rise, radius * radius};
        const RowEnds ends(line);
        Run& run = runs_.add();
        run.row = row;
        const bool is_hit = ends.are_exact() ? ends.cut(grid_.columns, run) : line.search(grid_.columns, run);
        if (!is_hit) runs_.shrink(runs_.size() - 1);
    }
    if (!runs_.empty()) return Outcome::counted;
    const bool is_outside = cx + radius < 0.0 || cy + radius < 0.0 ||
                            cx - radius > static_cast<double>(grid_.columns) ||
                            cy - radius > static_cast<double>(grid_.rows);
    return is_outside ? Outcome::outside : Outcome::empty;
}

}  // namespace heatgrid
