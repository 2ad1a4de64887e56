// Where a coordinate lies among the lines between cells: on one of them, or strictly between two.
//
// Coordinates are in cells here, so the lines are the whole numbers: index 2k is line k, index 2k + 1 lies
// between the lines k and k + 1, which is the inside of cell k. Slots grow with the coordinate, so an
// extent's indices tell the cells that it overlaps: from floor(low) to ceil(high) - 1, an end on a line not
// reaching over it.
#pragma once

#include <cstdint>

#include "heatgrid/simd/double2.hpp"

namespace heatgrid {

using DoubledIndex = std::int32_t;

[[nodiscard]] inline DoubledIndex index_of_line(std::int32_t line) noexcept { return 2 * line; }

// The indices of two coordinates, each moved into low .. high first. Any doubles; of NaN, the lowest index.
inline void find_doubled_indices(Double2 v, Double2 low, Double2 high, DoubledIndex* indices) noexcept {
    const Double2 huge(0x1p600);  // its square makes 1 or more of the smallest double
    const Double2 near = clamp(v, low, high);
    std::int32_t unused[2];
    const Double2 whole = near.truncate(unused);
    const Double2 side = clamp((near - whole) * huge * huge, Double2(-1.0), Double2(1.0));
    (whole + whole + side).truncate(indices);
}

[[nodiscard]] inline bool is_on_line(DoubledIndex index) noexcept { return (index & 1) == 0; }

// floor and ceil of the coordinate, as lines.
[[nodiscard]] inline std::int32_t line_before(DoubledIndex index) noexcept { return index >> 1; }
[[nodiscard]] inline std::int32_t line_after(DoubledIndex index) noexcept { return (index + 1) >> 1; }

// Without the branch that compilers like to put here, and processors cannot foresee.
[[nodiscard]] inline DoubledIndex smaller(DoubledIndex a, DoubledIndex b) noexcept {
    return b ^ ((a ^ b) & -static_cast<DoubledIndex>(a < b));
}
[[nodiscard]] inline DoubledIndex greater(DoubledIndex a, DoubledIndex b) noexcept {
    return a ^ ((a ^ b) & -static_cast<DoubledIndex>(a < b));
}

}  // namespace heatgrid
