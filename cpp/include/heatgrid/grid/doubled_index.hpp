// Doubled index of a coordinate: even on a grid line, odd strictly between two lines.
//
// Coordinates are in cells, so that the grid lines are the integers: index 2k is line k, index 2k + 1 is the
// interior of cell k. Indices grow with the coordinate, so the indices of an extent tell the cells that it
// overlaps: floor(low) to ceil(high) - 1. An extent that ends on a line does not overlap the cell beyond.
#pragma once

#include <cstdint>

#include "heatgrid/simd/double2.hpp"

namespace heatgrid {

using DoubledIndex = std::int32_t;

[[nodiscard]] inline DoubledIndex index_of_line(std::int32_t line) noexcept { return 2 * line; }

/// Indices of two coordinates, each clamped to low .. high first. Any doubles; NaN gives the lowest index.
inline void find_doubled_indices(Double2 v, Double2 low, Double2 high, DoubledIndex* indices) noexcept {
    const Double2 huge(0x1p600);  // times its square, the smallest double exceeds 1
    const Double2 near = clamp(v, low, high);
    std::int32_t unused[2];
    const Double2 whole = near.truncate(unused);
    const Double2 side = clamp((near - whole) * huge * huge, Double2(-1.0), Double2(1.0));
    (whole + whole + side).truncate(indices);
}

[[nodiscard]] inline bool is_on_line(DoubledIndex index) noexcept { return (index & 1) == 0; }

/// floor and ceil of the coordinate, as lines.
[[nodiscard]] inline std::int32_t line_before(DoubledIndex index) noexcept { return index >> 1; }
[[nodiscard]] inline std::int32_t line_after(DoubledIndex index) noexcept { return (index + 1) >> 1; }

/// Branchless, since the comparison is unpredictable.
[[nodiscard]] inline DoubledIndex smaller(DoubledIndex a, DoubledIndex b) noexcept {
    return b ^ ((a ^ b) & -static_cast<DoubledIndex>(a < b));
}
[[nodiscard]] inline DoubledIndex greater(DoubledIndex a, DoubledIndex b) noexcept {
    return a ^ ((a ^ b) & -static_cast<DoubledIndex>(a < b));
}

}  // namespace heatgrid
