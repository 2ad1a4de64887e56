// Where a coordinate lies among the lines between cells: on one of them, or strictly between two.
//
// Coordinates are in cells here, so the lines are the whole numbers: slot 2k is line k, slot 2k + 1 lies
// between the lines k and k + 1, which is the inside of cell k. Slots grow with the coordinate, so an
// extent's slots tell the cells that it overlaps: from floor(low) to ceil(high) - 1, an end on a line not
// reaching over it.
#pragma once

#include <cstdint>

#include "heatgrid/simd/pair.hpp"

namespace heatgrid {

using Slot = std::int32_t;

[[nodiscard]] inline Slot line_slot(std::int32_t line) noexcept { return 2 * line; }

// The slots of two coordinates, each moved into low .. high first. Any doubles; of NaN, the lowest slot.
inline void find_slots(Pair v, Pair low, Pair high, Slot* slots) noexcept {
    const Pair huge(0x1p600);  // its square makes 1 or more of the smallest double
    const Pair near = clamp(v, low, high);
    std::int32_t unused[2];
    const Pair whole = near.truncate(unused);
    const Pair side = clamp((near - whole) * huge * huge, Pair(-1.0), Pair(1.0));
    (whole + whole + side).truncate(slots);
}

[[nodiscard]] inline bool is_on_line(Slot slot) noexcept { return (slot & 1) == 0; }

// floor and ceil of the coordinate, as lines.
[[nodiscard]] inline std::int32_t line_before(Slot slot) noexcept { return slot >> 1; }
[[nodiscard]] inline std::int32_t line_after(Slot slot) noexcept { return (slot + 1) >> 1; }

// Without the branch that compilers like to put here, and processors cannot foresee.
[[nodiscard]] inline Slot smaller(Slot a, Slot b) noexcept {
    return b ^ ((a ^ b) & -static_cast<Slot>(a < b));
}
[[nodiscard]] inline Slot greater(Slot a, Slot b) noexcept {
    return a ^ ((a ^ b) & -static_cast<Slot>(a < b));
}

}  // namespace heatgrid
