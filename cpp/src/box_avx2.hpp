// Rule::center for many boxes with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/box.hpp"
#include "heatgrid/processor.hpp"

namespace heatgrid {

// Boxes begin .. end - 1, an even number of them, as FastBoxes scans them: the same operations in the same
// order, two boxes at a time. Writes the positions (from 0) of those that it cannot prove to `doubtful`;
// returns how many.
[[nodiscard]] std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                          const Cells& cells, Rectangle* rectangles, Outcome* outcomes,
                                          std::uint16_t* doubtful) noexcept;

}  // namespace heatgrid
