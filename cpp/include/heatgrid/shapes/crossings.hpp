// Crossings of an edge with the lines between rows, as doubled indices (see doubled_index.hpp).
//
// The index is estimated from the slope. If the estimate lies within its error bound of a grid line, the
// orientation of that corner decides (orientation.hpp). Therefore indices are exact for any
// coordinates. A few nanoseconds per line if the estimate decides. No function throws or allocates.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/shapes/orientation.hpp"

namespace heatgrid {

/// The edge's ends are in cells, finite, and must outlive this object.
class Crossings {
  public:
    Crossings(const Position& from, const Position& to) noexcept
        : from_(from), to_(to), slope_((to.x - from.x) / (to.y - from.y)) {
        const double reach = std::max(std::fabs(from.x), std::fabs(to.x));
        // Error bound of an estimate: five roundings of the run, one of the sum, one of the addition of 1.
        if (reach < farthest_guess && std::fabs(to.y - from.y) < infinity && std::fabs(slope_) < infinity) {
            error_ = (reach + 2.0) * 0x1p-49;
        }
    }

    /// Estimate of the edge's x at a line: `(line - from.y) * slope() + from.x`, in this order, with an error
    /// below `error()`, for lines that it crosses; infinity if there is no bound.
    [[nodiscard]] double slope() const noexcept { return slope_; }
    [[nodiscard]] double error() const noexcept { return error_; }

    /// Index of the edge's x at a line that it crosses or ends on, and on which its other end does not lie:
    /// -1 left of the grid, 2 * columns + 1 right of it.
    [[nodiscard]] DoubledIndex index(std::int32_t line, std::int32_t columns) const noexcept {
        if (error_ == infinity) return exact_slot(line, columns);
        const double x = (static_cast<double>(line) - from_.y) * slope_ + from_.x;
        const double from_left = std::clamp(x, -0.5, static_cast<double>(columns) + 0.5) + 1.0;
        const auto whole = static_cast<std::int32_t>(from_left);
        const double part = from_left - static_cast<double>(whole);
        if (part > error_ && part < 1.0 - error_) return 2 * whole - 1;
        return exact_slot(line, columns);
    }

  private:
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    // Edges that reach farther are not estimated.
    static constexpr double farthest_guess = 0x1p40;

    [[nodiscard]] DoubledIndex exact_slot(std::int32_t line, std::int32_t columns) const noexcept;

    const Position& from_;
    const Position& to_;
    double slope_;
    double error_ = infinity;
};

}  // namespace heatgrid
