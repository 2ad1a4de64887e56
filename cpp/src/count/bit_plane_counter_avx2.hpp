// Bit planes with AVX2.
#pragma once

#include <cstddef>

#include "heatgrid/count/bit_plane_counter.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

/// Sets the bits of rectangles. Precondition: the plane is followed by so many pairs of rows, which are read
/// and written.
inline constexpr std::size_t spare_pairs = 4;
void paint_avx2(const Rectangle* rectangles, std::size_t count, RowPair* picture) noexcept;

/// Adds four planes to the layers of weights 1 and 2, clears them, and writes the carry of weight 4.
void add_four_avx2(RowPair* const* pictures, RowPair* ones, RowPair* twos, RowPair* fours,
                   std::size_t pairs) noexcept;

/// Adds the waiting plane and the carry to a layer, and writes the next carry.
void add_carry_avx2(RowPair* sum, const RowPair* waiting, RowPair* carry, std::size_t pairs) noexcept;

}  // namespace heatgrid
