// Which rings can be counted at all: what is finite, and what has three different vertices.
//
// Cost: one pass over the vertices. None throws or allocates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

enum class RingQuality : std::uint8_t {
    three_points = 1,  // at least three vertices are different; a NaN is unlike itself
    not_finite = 2,    // a coordinate is infinite or NaN
};

// Writes the bits of each ring. `coordinates` has x and y of every vertex; `offsets`, one more than there are
// rings, tells where each ring begins, and never decreases.
void judge_rings(const double* coordinates, const std::int64_t* offsets, std::size_t rings,
                 std::uint8_t* qualities) noexcept;

}  // namespace heatgrid
