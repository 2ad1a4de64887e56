// Operations on bits and bytes that C++17 lacks.
#pragma once

#include <cstddef>
#include <cstdint>

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

/// Index of the lowest bit set. Precondition: there is one.
[[nodiscard]] inline std::int32_t lowest_bit(std::uint64_t bits) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_ctzll(bits);
#else
    std::int32_t n = 0;
    while (!(bits & 1)) {
        bits >>= 1;
        ++n;
    }
    return n;
#endif
}

/// Each bit becomes the parity of itself and all lower ones.
[[nodiscard]] inline std::uint64_t prefix_parity(std::uint64_t bits) noexcept {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

/// Whether all bytes equal `value`; vectorizable, unlike a loop that ends early.
[[nodiscard]] inline bool are_all(const std::uint8_t* bytes, std::size_t count, std::uint8_t value) noexcept {
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < count; ++i) {
        difference = static_cast<std::uint8_t>(difference | (bytes[i] ^ value));
    }
    return difference == 0;
}

}  // namespace heatgrid
