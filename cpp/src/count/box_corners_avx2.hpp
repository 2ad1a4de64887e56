// Corners of boxes, four boxes at a time with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

struct Leftover {
    std::size_t ambiguous_count;
    std::size_t carries;
};

// Boxes begin .. end - 1, a number of them that four divides. Those that are not exact are not added: their
// positions, from 0, go to `ambiguous`. `carried` has room for all corners.
Leftover add_corners_avx2(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                          std::size_t stride, std::int8_t* narrow, Outcome* outcomes,
                          std::uint16_t* ambiguous, SpillingCells::Carry* carried) noexcept;
Leftover add_corners_avx2(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                          std::size_t stride, std::int16_t* narrow, Outcome* outcomes,
                          std::uint16_t* ambiguous, SpillingCells::Carry* carried) noexcept;

}  // namespace heatgrid
