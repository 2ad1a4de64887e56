#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

/// Candidates for short decimals, split from a list.
struct ShortDecimals {
    static constexpr std::size_t most = 128;

    std::uint64_t words[most];    ///< eight characters, the first in the lowest byte
    std::uint64_t lengths[most];  ///< number of them that belong to the number
    const char* ends[most];       ///< end in the text
    std::size_t count = 0;
};

/// Converts candidates from the first on, four at a time, until one is not a short number or fewer than four
/// remain. Returns the number of conversions. Precondition: has_avx2().
std::size_t convert_avx2(const ShortDecimals& numbers, double* values) noexcept;

}  // namespace heatgrid
