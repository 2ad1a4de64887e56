// Rows of a PNG image: undoes the filters of unpacked image data (PNG specification, W3C, section 9).
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

/// Writes the bytes of `height` rows of `width` bytes to `pixels`, from `rows`, in which a filter's number
/// precedes each row. A pixel has `Step` bytes. Returns false, with `pixels` undefined, for an unknown
/// filter. Precondition: `width` is a multiple of `Step`.
template <std::size_t Step>
[[nodiscard]] bool unfilter_png_rows(const std::uint8_t* rows, std::size_t height, std::size_t width,
                                     std::uint8_t* pixels);

}  // namespace heatgrid
