// Rule::center for many boxes with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/box.hpp"
#include "heatgrid/processor.hpp"

namespace heatgrid {

// Boxes begin .. end - 1, an even number of them, two at a time. Both write the positions (from 0) of those
// that they cannot prove to `doubtful`, and return how many there are.
//
// Plain boxes have their corners in order and hold a centre: those are counted, all others doubtful. Pixels
// are scaled by cells over size in one step: two more roundings, which the tie margin has room for.
[[nodiscard]] std::size_t scan_plain_boxes_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                                const Cells& cells, Rectangle* rectangles,
                                                std::uint16_t* doubtful) noexcept;

// Corners in any order, and the cell of the middle for boxes that hold no centre.
[[nodiscard]] std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                          const Cells& cells, Rectangle* rectangles, Outcome* outcomes,
                                          std::uint16_t* doubtful) noexcept;

}  // namespace heatgrid
