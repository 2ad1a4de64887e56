// Pictures of one bit a cell with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>

#include "heatgrid/count/bit_plane_counter.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

// Sets the bits of rectangles. Precondition: so many pairs follow the picture, which are read and written.
inline constexpr std::size_t spare_pairs = 4;
void paint_avx2(const Rectangle* rectangles, std::size_t count, RowPair* picture) noexcept;

// Adds four pictures to the layers of weights 1 and 2, empties them, and writes the carry of weight 4.
void add_four_avx2(RowPair* const* pictures, RowPair* ones, RowPair* twos, RowPair* fours,
                   std::size_t pairs) noexcept;

// Adds what waits at a layer and what is carried to it, and writes what is carried on.
void add_carry_avx2(RowPair* sum, const RowPair* waiting, RowPair* carry, std::size_t pairs) noexcept;

}  // namespace heatgrid
