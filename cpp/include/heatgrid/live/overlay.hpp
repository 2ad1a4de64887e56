// Drawing over a frame: the overlay of a live map, and stencils.
//
// Overlay: look-up, opacity and blending in one pass. A cell's value v, times scale, at most 2^100 and
// rounded to a float, is interpolated bilinearly in floats, along rows first, between the centers of cells;
// the outermost values extend to the edge. The result becomes a level: 0 if it is not positive, else the
// result plus offset, truncated and clamped to 1 .. 256. A level has a color and an opacity in 256ths; a byte
// f of the frame becomes (f * (256 - opacity) + color * opacity) / 256, rounded half to even. O(pixels);
// pixels of opacity 0 are skipped if the frame is changed in place.
//
// Stencil: single pixels with their own colors and opacities. A byte f becomes (f * rest + ink) / 256,
// truncated. For a color's byte c and an opacity of a 256ths, rest is 256 - a and ink is c * a + 128.
// O(pixels).
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

/// Outlines and letters, rendered once and drawn on every frame.
struct Stencil {
    const std::int32_t* places = nullptr;  // row and column per pixel
    const std::uint16_t* ink = nullptr;    // three per pixel, in the order of the frame's bytes
    const std::uint16_t* rest = nullptr;   // one per pixel
    std::size_t count = 0;
};

/// Rows of three bytes per pixel, `stride` bytes apart. All places lie in the frame.
void lay_stencil(const Stencil& stencil, std::uint8_t* frame, std::ptrdiff_t stride) noexcept;

}  // namespace heatgrid
