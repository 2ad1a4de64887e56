// Adding to runs of cells with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>

#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

// A run of cells that a shape adds to.
struct Stroke {
    Run run;
    std::size_t shape = 0;
};

// Adds strokes, each its shape's amount, in their order, and returns how many: all, or none. `top` becomes
// the greatest sum, if that is greater. Sums are not negative.
[[nodiscard]] std::size_t add_strokes_avx2(const Stroke* strokes, std::size_t count, const double* amounts,
                                           const Sums& heat, double& top) noexcept;

}  // namespace heatgrid
