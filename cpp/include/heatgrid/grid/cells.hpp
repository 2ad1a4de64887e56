// Cell of a normalized coordinate. Its ties are decided here and nowhere else.
//
// An axis of n cells covers [0, 1]; cell c has its center at (c + 0.5) / n, evaluated in that order in double
// precision. All functions accept any double and are exact with respect to the rounded centers: they estimate
// the cell from v * n, and compare with the center itself if the estimate lies within its error bound of a
// tie. None throws or allocates.
#pragma once

#include <cmath>
#include <cstdint>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

/// The largest number of cells along an axis. Below it, the errors of v * n + 0.5 and of the centers
/// together stay under n * 2^-50, which is at most 2^-24 of a cell.
inline constexpr std::int32_t max_cells_per_axis = 1 << 26;

[[nodiscard]] inline bool is_finite(double v) noexcept { return v - v == 0.0; }

/// An image's size: finite and positive.
[[nodiscard]] inline bool is_size(double width, double height) noexcept {
    return width > 0.0 && height > 0.0 && is_finite(width) && is_finite(height);
}

/// NaN becomes 0, so that it is never an index out of range.
[[nodiscard]] inline double clamp_to_unit(double v) noexcept {
    const double low = v > 0.0 ? v : 0.0;
    return low < 1.0 ? low : 1.0;
}

/// One axis of the grid, with precomputed constants.
class Axis {
  public:
    explicit Axis(std::int32_t cells) noexcept
        : cells_(cells), scale_(static_cast<double>(cells)), near_(scale_ * 0x1p-50) {}

    [[nodiscard]] std::int32_t cells() const noexcept { return cells_; }
    [[nodiscard]] double scale() const noexcept { return scale_; }

    [[nodiscard]] double center(std::int32_t cell) const noexcept {
        return (static_cast<double>(cell) + 0.5) / scale_;
    }

    /// Maps v in [0, 1] to cells, shifted so that the floor is the number of centers below v.
    [[nodiscard]] double shifted(double v) const noexcept { return v * scale_ + 0.5; }

    /// Distance from an integer up to which the floor of `shifted` may be wrong.
    [[nodiscard]] double tie_margin() const noexcept { return near_; }

    /// Whether `shifted(v)` is so close to an integer that its floor may be wrong.
    [[nodiscard]] bool is_near_tie(double shifted_value, std::int32_t floor_value) const noexcept {
        const double part = shifted_value - static_cast<double>(floor_value);
        return part <= near_ || part >= 1.0 - near_;
    }

    /// The number of centers < v. NaN: 0.
    [[nodiscard]] std::int32_t centers_below(double v) const noexcept {
        if (!(v > 0.0)) return 0;
        if (v >= 1.0) return cells_;
        const double guess = shifted(v);
        const auto whole = static_cast<std::int32_t>(guess);
        return is_near_tie(guess, whole) ? resolve_tie(v, guess, false) : whole;
    }

    /// The number of centers <= v. NaN: 0.
    [[nodiscard]] std::int32_t centers_up_to(double v) const noexcept {
        if (!(v > 0.0)) return 0;
        if (v >= 1.0) return cells_;
        const double guess = shifted(v);
        const auto whole = static_cast<std::int32_t>(guess);
        return is_near_tie(guess, whole) ? resolve_tie(v, guess, true) : whole;
    }

    /// The cell of a point: trunc(v * n), the far edge and all beyond it belonging to the last cell.
    /// Precondition: v >= 0.
    [[nodiscard]] std::int32_t cell_of(double v) const noexcept {
        const double scaled = v * scale_;
        return scaled < scale_ ? static_cast<std::int32_t>(scaled) : cells_ - 1;
    }

    /// The first cell that an extent beginning at v in [0, 1] overlaps, and one past the last cell that an
    /// extent ending there overlaps: floor(v * n) and ceil(v * n) of the rounded product, as defined.
    [[nodiscard]] std::int32_t first_touched(double v) const noexcept {
        return static_cast<std::int32_t>(v * scale_);
    }
    [[nodiscard]] std::int32_t last_touched(double v) const noexcept {
        return static_cast<std::int32_t>(std::ceil(v * scale_));
    }

  private:
    // Only the center of the cell before the nearest integer can tie; all cells before it are below v, all
    // after it above.
    [[nodiscard]] std::int32_t resolve_tie(double v, double guess, bool closed) const noexcept {
        const std::int32_t cell = static_cast<std::int32_t>(guess + 0.5) - 1;
        if (cell < 0) return 0;
        if (cell >= cells_) return cells_;
        const double c = center(cell);
        return cell + static_cast<std::int32_t>(closed ? c <= v : c < v);
    }

    std::int32_t cells_;
    double scale_;
    double near_;
};

/// Both axes.
struct Cells {
    explicit Cells(Grid grid) noexcept : x(grid.columns), y(grid.rows) {}

    Axis x;
    Axis y;
};

/// A representative point left of or above the image hits nothing; right of or below it, the last cell.
[[nodiscard]] inline bool hits_grid(double x, double y) noexcept { return x >= 0.0 && y >= 0.0; }

}  // namespace heatgrid
