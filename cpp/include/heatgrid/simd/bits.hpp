// Bit operations on words of 64 cells that C++17 lacks.
#pragma once

#include <cstdint>

namespace heatgrid {

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

}  // namespace heatgrid
