#include "heatgrid/live/stencil.hpp"

namespace heatgrid {

void lay_stencil(const Stencil& stencil, std::uint8_t* frame, std::ptrdiff_t stride) noexcept {
    for (std::size_t i = 0; i < stencil.count; ++i) {
        const std::ptrdiff_t row = stencil.places[2 * i];
        const std::ptrdiff_t column = stencil.places[2 * i + 1];
        std::uint8_t* const pixel = frame + row * stride + 3 * column;
        const unsigned rest = stencil.rest[i];
        for (std::size_t k = 0; k < 3; ++k) {
            pixel[k] = static_cast<std::uint8_t>((pixel[k] * rest + stencil.ink[3 * i + k]) >> 8);
        }
    }
}

}  // namespace heatgrid
