// Blending of single pixels into a frame: outlines and letters, rendered once and drawn on every frame.
//
// A byte f of a pixel becomes (f * rest + ink) / 256, truncated. For a color's byte c and an opacity of a
// 256ths, rest is 256 - a and ink is c * a + 128. O(pixels).
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

struct Stencil {
    const std::int32_t* places = nullptr;  // row and column per pixel
    const std::uint16_t* ink = nullptr;    // three per pixel, in the order of the frame's bytes
    const std::uint16_t* rest = nullptr;   // one per pixel
    std::size_t count = 0;
};

/// Rows of three bytes per pixel, `stride` bytes apart. All places lie in the frame.
void lay_stencil(const Stencil& stencil, std::uint8_t* frame, std::ptrdiff_t stride) noexcept;

}  // namespace heatgrid
