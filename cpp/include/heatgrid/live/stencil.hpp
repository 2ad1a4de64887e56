// Single pixels laid over a frame: outlines and letters, made once and drawn on every frame.
//
// A byte f of a pixel becomes (f * rest + ink) / 256, cut off. For a colour's byte c and an opacity of a
// 256ths, rest is 256 - a and ink c * a + 128. Cost: proportional to the pixels.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

struct Stencil {
    const std::int32_t* places = nullptr;  // a row and a column a pixel
    const std::uint16_t* ink = nullptr;    // three a pixel, in the order of the frame's bytes
    const std::uint16_t* rest = nullptr;   // one a pixel
    std::size_t count = 0;
};

// Rows of three bytes a pixel, `stride` bytes from one to the next. All places lie in the frame.
void lay_stencil(const Stencil& stencil, std::uint8_t* frame, std::ptrdiff_t stride) noexcept;

}  // namespace heatgrid
