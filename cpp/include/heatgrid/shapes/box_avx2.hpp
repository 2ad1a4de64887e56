// Rule::center for many boxes with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/shapes/box.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

// Whether the grid is small enough for boxes to be scanned four at a time, and the processor able to.
[[nodiscard]] inline bool scans_fours(const Cells& cells) noexcept {
    constexpr std::int32_t most = 32766;
    return cells.x.cells() <= most && cells.y.cells() <= most && has_avx2();
}

// Boxes begin .. end - 1, a number of them that four divides: their rectangles and outcomes. The positions,
// from 0, of those that are not exact go to `ambiguous`, which has room for one more; returns how many.
// Precondition: scans_fours.
[[nodiscard]] std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                          const Cells& cells, Rectangle* rectangles, Outcome* outcomes,
                                          std::uint16_t* ambiguous) noexcept;

}  // namespace heatgrid
