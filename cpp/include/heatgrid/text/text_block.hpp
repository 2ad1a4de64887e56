#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "heatgrid/simd/processor.hpp"

#if defined(HEATGRID_SSE2)
#include <emmintrin.h>
#endif

namespace heatgrid {

/// Little-endian byte order: the first byte of a word of text is its lowest.
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
inline constexpr bool first_byte_is_lowest = false;
#else
inline constexpr bool first_byte_is_lowest = true;
#endif

/// A word of eight equal bytes.
[[nodiscard]] constexpr std::uint64_t each_byte(std::uint64_t byte) noexcept {
    return byte * 0x0101010101010101;
}

/// Block of 64 characters, compared at once: the bitmask approach of simdjson (G. Langdale and D. Lemire,
/// "Parsing Gigabytes of JSON per Second", VLDB Journal 28, 2019).
///
/// Uses SSE2 on x86-64, otherwise words of eight characters. Cost: a few instructions.
class TextBlock {
  public:
    static constexpr std::size_t size = 64;

    /// Precondition: 64 characters can be read.
    explicit TextBlock(const char* text) noexcept {
        for (std::size_t i = 0; i < pieces; ++i)
            std::memcpy(&pieces_[i], text + i * sizeof(Piece), sizeof(Piece));
    }

    /// Bitmask of the characters equal to `wanted`, the first in the lowest bit.
    [[nodiscard]] std::uint64_t mask_of(char wanted) const noexcept {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < pieces; ++i) bits |= equal(pieces_[i], wanted) << (i * sizeof(Piece));
        return bits;
    }

  private:
#if defined(HEATGRID_SSE2)
    using Piece = __m128i;

    static std::uint64_t equal(Piece piece, char wanted) noexcept {
        return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(piece, _mm_set1_epi8(wanted))));
    }
#else
    using Piece = std::uint64_t;

    static std::uint64_t equal(Piece piece, char wanted) noexcept {
        constexpr std::uint64_t low = each_byte(0x7F);
        const std::uint64_t unlike = piece ^ each_byte(static_cast<unsigned char>(wanted));
        const std::uint64_t high = ~(((unlike & low) + low) | unlike) & ~low;  // high bit of each zero byte
        return (high >> 7) * 0x0102040810204080 >> 56;
    }
#endif

    static constexpr std::size_t pieces = size / sizeof(Piece);

    Piece pieces_[pieces];
};

}  // namespace heatgrid
