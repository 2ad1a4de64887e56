#include "heatgrid/disc.hpp"

#include <cmath>

#include "heatgrid/cells.hpp"

namespace heatgrid {
namespace {

// The cell, of n along an axis, whose centre is nearest to a place.
std::int32_t nearest_cell(double place, std::int32_t n) noexcept {
    if (!(place > 0.0)) return 0;
    return place < static_cast<double>(n) ? static_cast<std::int32_t>(place) : n - 1;
}

// One row of a disc: which of its centres lie inside.
struct DiscRow {
    double cx;
    double rise;   // (y - cy)^2
    double limit;  // radius^2

    [[nodiscard]] bool holds(std::int32_t column) const noexcept {
        const double run = static_cast<double>(column) + 0.5 - cx;
        return run * run + rise <= limit;
    }

    // The last column, from one that is inside on towards `end`, that is inside too.
    [[nodiscard]] std::int32_t reach(std::int32_t inside, std::int32_t end, double guess) const noexcept {
        const std::int32_t step = end < inside ? -1 : 1;
        if (holds(end)) return end;
        const std::int32_t likely = nearest_cell(guess, (step > 0 ? end : inside) + 1);
        const bool is_between =
            step > 0 ? likely >= inside && likely < end : likely <= inside && likely > end;
        if (is_between && holds(likely) && !holds(likely + step)) return likely;
        std::int32_t outside = end;
        while (outside - inside != step) {
            const std::int32_t middle = inside + (outside - inside) / 2;
            (holds(middle) ? inside : outside) = middle;
        }
        return inside;
    }
};

}  // namespace

Outcome DiscScan::scan(const Discs& discs, std::size_t index) {
    runs_.clear();
    const double cx = discs.values[3 * index];
    const double cy = discs.values[3 * index + 1];
    const double radius = discs.values[3 * index + 2];
    if (!(is_finite(cx) && is_finite(cy) && is_finite(radius) && radius >= 0.0)) return Outcome::invalid;
    const std::int32_t middle = nearest_cell(cx, grid_.columns);
    // Rows beyond these lie farther away than the radius, whatever is rounded.
    const std::int32_t top = nearest_cell(cy - radius - 1.0, grid_.rows);
    const std::int32_t bottom = nearest_cell(cy + radius + 1.0, grid_.rows);
    for (std::int32_t row = top; row <= bottom; ++row) {
        const double rise = static_cast<double>(row) + 0.5 - cy;
        const DiscRow line{cx, rise * rise, radius * radius};
        if (!line.holds(middle)) continue;
        const double half = std::sqrt(line.limit - line.rise);
        const std::int32_t first = line.reach(middle, 0, std::ceil(cx - half - 0.5));
        const std::int32_t last = line.reach(middle, grid_.columns - 1, std::floor(cx + half - 0.5));
        runs_.push_back({row, first, last + 1});
    }
    if (!runs_.empty()) return Outcome::counted;
    const bool is_beside = cx + radius < 0.0 || cy + radius < 0.0 ||
                           cx - radius > static_cast<double>(grid_.columns) ||
                           cy - radius > static_cast<double>(grid_.rows);
    return is_beside ? Outcome::outside : Outcome::empty;
}

}  // namespace heatgrid
