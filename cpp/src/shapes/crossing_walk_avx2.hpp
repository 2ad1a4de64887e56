// The two inner loops of CrossingWalk with 256-bit registers, where the processor has them (see has_avx2).
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/shapes/crossing_walk.hpp"

namespace heatgrid {

// What a ring's vertices say: how many edges cross rows, whether every row is exact, and whether all
// coordinates are finite and less than 2.
struct RingScan {
    std::size_t edges;
    bool is_exact;
    bool is_regular;
};

// Vertices first .. last - 1, four of them or more: writes the rows above each, and the edges that cross
// rows, the one from the last vertex to the first at the end. There must be room for three edges more.
[[nodiscard]] RingScan scan_ring_avx2(const double* vertices, std::size_t first, std::size_t last,
                                      const Axis& rows, std::int32_t* rows_above,
                                      std::uint32_t* edges) noexcept;

// As CrossingWalk::guess does, of which it takes the place.
[[nodiscard]] std::size_t guess_ring_avx2(const RingWalk& walk) noexcept;

}  // namespace heatgrid
