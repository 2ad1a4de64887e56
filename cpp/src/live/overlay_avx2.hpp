// One row of pixels with AVX2.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "heatgrid/live/overlay.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

using Level = std::uint16_t;

/// A cell's value, scaled, is at most this: far above all levels, and a sum of two is still a float.
inline constexpr double most_scaled = 0x1p100;

/// A row of cells, one per pixel.
struct CellRow {
    const double* cells = nullptr;
    double scale = 1.0;
    float offset = 0.0F;

    [[nodiscard]] float value(std::size_t i) const noexcept {
        return static_cast<float>(std::min(cells[i] * scale, most_scaled));
    }
};

/// A row between two rows of cells that were resampled to the frame's width, and scaled.
struct StretchedRow {
    const float* low = nullptr;
    const float* high = nullptr;
    float share = 0.0F;  // how near it is to the second
    float offset = 0.0F;

    [[nodiscard]] float value(std::size_t i) const noexcept { return low[i] + (high[i] - low[i]) * share; }
};

/// Finds the values of the first of `count` cells, four at a time, and returns their number.
[[nodiscard]] std::size_t find_values_avx2(const CellRow& row, std::size_t count, float* values) noexcept;

/// Finds the levels of the first of `count` pixels, sixteen at a time, and returns their number.
[[nodiscard]] std::size_t find_levels_avx2(const CellRow& row, std::size_t count, Level* levels) noexcept;
[[nodiscard]] std::size_t find_levels_avx2(const StretchedRow& row, std::size_t count,
                                           Level* levels) noexcept;

/// Draws the first of `count` pixels of known levels, sixteen at a time, and returns their number; the last
/// few remain, since more bytes are read than written.
[[nodiscard]] std::size_t draw_pixels_avx2(const Level* levels, std::size_t count, const Palette& palette,
                                           const std::uint8_t* source, std::uint8_t* target) noexcept;

/// Resamples the first of `count` pixels: row[low[i]] + (row[low[i] + 1] - row[low[i]]) * share[i], eight at
/// a time, until eight pixels span more than eight cells; returns their number. `low` never decreases. Up to
/// `stretch_spare` floats beyond the last cell are read, and not used.
inline constexpr std::size_t stretch_spare = 8;
[[nodiscard]] std::size_t stretch_avx2(const float* row, const std::int32_t* low, const float* share,
                                       std::size_t count, float* target) noexcept;

}  // namespace heatgrid
