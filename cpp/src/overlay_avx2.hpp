// A row of pixels with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/overlay.hpp"
#include "heatgrid/processor.hpp"

namespace heatgrid {

// The values of a row: low + (high - low) * share, or those of `low` alone where `high` is null.
struct RowValues {
    const double* low = nullptr;
    const double* high = nullptr;
    double share = 0.0;

    [[nodiscard]] double at(std::size_t i) const noexcept {
        return high ? low[i] + (high[i] - low[i]) * share : low[i];
    }
};

// Draws the first pixels of a row as draw_overlay describes it, eight at a time, and returns how many; the
// last few are left, since more bytes are read than drawn.
[[nodiscard]] std::size_t draw_pixels_avx2(const RowValues& values, std::size_t count, const Levels& levels,
                                           const Palette& palette, const std::uint8_t* source,
                                           std::uint8_t* target) noexcept;

}  // namespace heatgrid
