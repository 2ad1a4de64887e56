// Discs to runs of cells: the stamps of a live map.
//
// In grid units, cell (r, c) having its centre at (c + 0.5, r + 0.5), a disc hits the cells whose centre (x,
// y) satisfies (x - cx)^2 + (y - cy)^2 <= radius^2, evaluated in that order; it is closed, and nothing stands
// in for one that holds no centre. A square root guesses a row's ends, the expression itself proves them;
// where it does not, they are searched for, the expression being monotone to either side of the middle. Cost:
// the rows that the disc spans in the grid. Invalid where a number is not finite or the radius is negative.
#pragma once

#include <cstddef>

#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/grid/scratch.hpp"

namespace heatgrid {

class DiscScan {
  public:
    explicit DiscScan(Grid grid) noexcept : grid_(grid) {}

    [[nodiscard]] Outcome scan(const Discs& discs, std::size_t index);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    Grid grid_;
    Scratch<Run> runs_;
};

}  // namespace heatgrid
