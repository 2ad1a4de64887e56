// Corners of boxes, four boxes at a time, with AVX2.
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

/// Adds boxes begin .. end - 1, whose number is divisible by four. Ambiguous boxes are not added: their
/// positions, from 0, are written to `ambiguous`. `carried` has room for all corners.
Leftover add_corners_avx2(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                          std::size_t stride, std::int8_t* narrow, Outcome* outcomes,
                          std::uint16_t* ambiguous, SpillingCells::Carry* carried) noexcept;
Leftover add_corners_avx2(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                          std::size_t stride, std::int16_t* narrow, Outcome* outcomes,
                          std::uint16_t* ambiguous, SpillingCells::Carry* carried) noexcept;

}  // namespace heatgrid
