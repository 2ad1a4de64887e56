// The two inner loops of CrossingWalk with AVX2.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/shapes/crossing_walk.hpp"

namespace heatgrid {

/// Result for a ring: the number of edges that cross rows, whether every row is exact, and whether all
/// coordinates are finite and below 2.
struct RingScan {
    std::size_t edges;
    bool is_exact;
    bool is_regular;
};

/// Processes vertices first .. last - 1, at least four: writes the rows above each, and the edges that cross
/// rows, the one from the last vertex to the first at the end. `edges` has room for three more.
[[nodiscard]] RingScan scan_ring_avx2(const double* vertices, std::size_t first, std::size_t last,
                                      const Axis& rows, std::int32_t* rows_above,
                                      std::uint32_t* edges) noexcept;

/// Vectorized CrossingWalk::estimate.
[[nodiscard]] std::size_t estimate_ring_avx2(const RingWalk& walk) noexcept;

}  // namespace heatgrid
