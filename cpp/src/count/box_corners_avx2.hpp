// Corners of boxes, four boxes at a time, with AVX2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/shapes/box.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

/// Adds boxes begin .. end - 1, whose number is divisible by four, to differences in rows of `stride`.
/// Ambiguous boxes are not added: their positions, from 0, are written to `ambiguous`. Returns their number.
std::size_t add_corners_avx2(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                             std::size_t stride, std::uint32_t* differences, Outcome* outcomes,
                             std::uint16_t* ambiguous) noexcept;

}  // namespace heatgrid
