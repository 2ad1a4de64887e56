// Discs to runs of cells, the brush of live maps.
//
// In grid units, where cell (r, c) has its center at (c + 0.5, r + 0.5), a disc hits the cells whose center
// (x, y) satisfies (x - cx)^2 + (y - cy)^2 <= radius^2, evaluated in that order. A disc that contains no
// center hits nothing. A square root estimates the ends of a row, and the expression verifies them; if it
// does not, they are searched for, since the expression is monotone on either side of the middle. O(rows of
// the disc). Not finite if a number is not finite or the radius is negative.
#pragma once

#include <cstddef>

#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

class DiscScan {
  public:
    explicit DiscScan(Grid grid) noexcept : grid_(grid) {}

    [[nodiscard]] Outcome scan(const Discs& discs, std::size_t index);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    Checkpoint check_;
    Grid grid_;
    Scratch<Run> runs_;
};

}  // namespace heatgrid
