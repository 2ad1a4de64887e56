// The two inner loops of PolygonScan with 256-bit registers, where the processor has them (see has_avx2).
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/polygon.hpp"

namespace heatgrid {

// What a ring's vertices say: how far they reach, whether no row is near a tie, and how many edges cross
// rows.
struct RingScan {
    Extent extent;
    bool is_sure;
    std::size_t edges;
};

// Vertices first .. last - 1, four of them or more: writes the rows above each, and the edges that cross
// rows, the one from the last vertex to the first at the end. There must be room for three edges more.
[[nodiscard]] RingScan scan_ring_avx2(const double* vertices, std::size_t first, std::size_t last,
                                      const Axis& rows, std::int32_t* rows_above,
                                      PolygonEdge* edges) noexcept;

// As PolygonScan::guess_crossings does, of which it takes the place: four edges at a time.
[[nodiscard]] CrossingsFound guess_crossings_avx2(const CrossingTask& task) noexcept;

}  // namespace heatgrid
