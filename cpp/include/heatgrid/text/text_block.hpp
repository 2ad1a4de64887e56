// Sixty-four characters of text at once: which of them are a certain one, a bit each, the first the lowest.
//
// SSE2 where every processor has it (x86-64), elsewhere eight characters at a time. Cost: a few operations.
// Precondition: all sixty-four can be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#endif

namespace heatgrid {

// Whether the first of bytes in memory is the lowest of a number: what words of text are read as depends on
// it.
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
inline constexpr bool first_byte_is_lowest = false;
#else
inline constexpr bool first_byte_is_lowest = true;
#endif

[[nodiscard]] constexpr std::uint64_t each_byte(std::uint64_t byte) noexcept {
    return byte * 0x0101010101010101;
}

class TextBlock {
  public:
    static constexpr std::size_t size = 64;

    explicit TextBlock(const char* text) noexcept {
        for (std::size_t i = 0; i < pieces; ++i)
            std::memcpy(&pieces_[i], text + i * sizeof(Piece), sizeof(Piece));
    }

    [[nodiscard]] std::uint64_t where(char wanted) const noexcept {
        std::uint64_t bits = 0;
        for (std::size_t i = 0; i < pieces; ++i) bits |= equal(pieces_[i], wanted) << (i * sizeof(Piece));
        return bits;
    }

  private:
#if defined(__SSE2__) || defined(_M_X64)
    using Piece = __m128i;

    static std::uint64_t equal(Piece piece, char wanted) noexcept {
        return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(piece, _mm_set1_epi8(wanted))));
    }
#else
    using Piece = std::uint64_t;

    static std::uint64_t equal(Piece piece, char wanted) noexcept {
        constexpr std::uint64_t low = each_byte(0x7F);
        const std::uint64_t unlike = piece ^ each_byte(static_cast<unsigned char>(wanted));
        const std::uint64_t high = ~(((unlike & low) + low) | unlike) & ~low;  // of every byte that is zero
        return (high >> 7) * 0x0102040810204080 >> 56;
    }
#endif

    static constexpr std::size_t pieces = size / sizeof(Piece);

    Piece pieces_[pieces];
};

}  // namespace heatgrid
