// Hit rule.
#pragma once

#include <cstdint>

namespace heatgrid {

/// Condition under which a shape hits a cell.
enum class Rule : std::uint8_t {
    center,  ///< the shape contains the cell's center
    touch,   ///< shape and cell overlap with positive area
    point,   ///< the cell contains the shape's representative point
    area,    ///< every cell, by the share of it that the shape covers
};

}  // namespace heatgrid
