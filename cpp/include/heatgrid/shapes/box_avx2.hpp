// Rule::center for many boxes with AVX2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/shapes/box.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

/// Whether boxes can be scanned four at a time: the grid is small enough, and the processor has AVX2.
[[nodiscard]] inline bool scans_fours(const Cells& cells) noexcept {
    constexpr std::int32_t max_cells = 32766;
    return cells.x.cells() <= max_cells && cells.y.cells() <= max_cells && has_avx2();
}

/// Finds the rectangles and outcomes of boxes begin .. end - 1, whose number is divisible by four. Positions
/// of ambiguous boxes, from 0, are written to `ambiguous`, which has room for one more; returns their number.
/// Precondition: scans_fours.
[[nodiscard]] std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                          const Cells& cells, Rectangle* rectangles, Outcome* outcomes,
                                          std::uint16_t* ambiguous) noexcept;

}  // namespace heatgrid
