// Short decimals cut out of a list, to be converted together; with 256-bit registers, where the processor has
// them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

struct ShortDecimals {
    static constexpr std::size_t most = 128;

    std::uint64_t words[most];  // the eight characters from a number's first on, which is in the lowest byte
    std::uint64_t lengths[most];  // how many of these belong to the number
    const char* ends[most];       // where in the text it ends
    std::size_t count = 0;
};

// Writes the values of some of the numbers, from the first on, with 256-bit registers; returns how many. The
// next one is none, or one of the last few. Precondition: has_avx2().
std::size_t convert_avx2(const ShortDecimals& numbers, double* values) noexcept;

}  // namespace heatgrid
