// Where an edge crosses the lines between rows, as a index among the lines between columns: see indices.hpp.
//
// The index is guessed from the edge's slope, and where the guess lies within its error bound of a line
// between columns, the side of that corner decides. So indices are exact, whatever the coordinates. Cost: a
// few nanoseconds a line, where the guess will do. Nothing throws or allocates.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/shapes/orientation.hpp"

namespace heatgrid {

// The edge's ends are in cells, finite, and must live as long as this.
class Crossings {
  public:
    Crossings(const Position& from, const Position& to) noexcept
        : from_(from), to_(to), slope_((to.x - from.x) / (to.y - from.y)) {
        const double reach = std::max(std::fabs(from.x), std::fabs(to.x));
        // Of a guess: five roundings of the run, one of the sum, one more for adding 1.
        if (reach < farthest_guess && std::fabs(to.y - from.y) < infinity && std::fabs(slope_) < infinity) {
            error_ = (reach + 2.0) * 0x1p-49;
        }
    }

    // The edge's x at a line is about `(line - from.y) * slope() + from.x`, in this order, off by less than
    // `error()`, for lines that it crosses; infinity where that cannot be said.
    [[nodiscard]] double slope() const noexcept { return slope_; }
    [[nodiscard]] double error() const noexcept { return error_; }

    // The index of the edge's x at a line that it crosses or ends on, which its other end does not: -1 left
    // of the grid, 2 * columns + 1 right of it.
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
    // An edge that reaches farther is not guessed at.
    static constexpr double farthest_guess = 0x1p40;

    [[nodiscard]] DoubledIndex exact_slot(std::int32_t line, std::int32_t columns) const noexcept;

    const Position& from_;
    const Position& to_;
    double slope_;
    double error_ = infinity;
};

}  // namespace heatgrid
