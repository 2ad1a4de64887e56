// Overlay of a live map on a frame: look-up, opacity and blending in one pass.
//
// A cell's value v becomes a level: 0 if v <= 0, else trunc(v * scale + offset), clamped to 1 .. 256. A level
// has a color and an opacity in 256ths; a byte f of the frame becomes (f * (256 - opacity) + color * opacity)
// / 256, rounded half to even. If the grid is not as large as the frame, values times scale, at most 2^100
// and rounded to floats, are interpolated bilinearly in floats, along rows first, between the centers of
// cells; the outermost values extend to the edge. The result 0 is level 0, and the offset is added to all
// others. O(pixels); pixels of opacity 0 are skipped if the frame is changed in place.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

/// Per level: the products of opacity and color, and the factor of the frame, 256 - opacity. For opacity a
/// and a color's byte c, the former is c * a + 128.
struct Palette {
    static constexpr std::size_t levels = 257;
    std::uint16_t entries[levels][4];

    [[nodiscard]] bool is_clear(std::size_t level) const noexcept { return entries[level][3] == 256; }
};

/// colors: (257, 3) bytes, in the order of the frame's; opacities: 257 numbers of 256ths, at most 256.
[[nodiscard]] Palette make_palette(const std::uint8_t* colors, const std::uint16_t* opacities) noexcept;

struct Levels {
    double scale = 1.0;
    double offset = 0.0;
};

/// Rows of three bytes per pixel. `target` may be `source`; otherwise they must not overlap.
struct Frame {
    const std::uint8_t* source = nullptr;
    std::ptrdiff_t source_stride = 0;  // bytes from a row to the next
    std::uint8_t* target = nullptr;
    std::ptrdiff_t target_stride = 0;
    Grid pixels;
};

/// heat: a grid of finite numbers, row by row. scale and offset are finite.
void draw_overlay(const double* heat, Grid grid, const Levels& levels, const Palette& palette,
                  const Frame& frame);

}  // namespace heatgrid
