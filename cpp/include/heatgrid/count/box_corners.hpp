// Fast path for boxes: corners straight into a difference grid, without rectangles in between.
#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/shapes/box.hpp"

namespace heatgrid {

/// Whether add_corners supports these options on this machine.
[[nodiscard]] bool adds_corners(Grid grid, const BoxOptions& options) noexcept;

inline constexpr std::size_t corner_block = 4 * box_block;

/// Adds boxes begin .. end - 1, end - begin <= corner_block, and writes their outcomes to `outcomes`, from
/// its start. Precondition: adds_corners.
void add_corners(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                 DifferenceGrid<std::uint32_t>& counts, Outcome* outcomes);

}  // namespace heatgrid
