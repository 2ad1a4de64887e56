// Addition to runs of cells with AVX2.
#pragma once

#include <cstddef>

#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/processor.hpp"

namespace heatgrid {

/// A run of cells that a shape adds to.
struct Stroke {
    Run run;
    std::size_t shape = 0;
};

/// Adds strokes in their order, each with its shape's amount, and returns their number: all, or none. `top`
/// becomes the greatest sum, if that is greater. Sums are not negative.
[[nodiscard]] std::size_t add_strokes_avx2(const Stroke* strokes, std::size_t count, const double* amounts,
                                           const Sums& heat, double& top) noexcept;

}  // namespace heatgrid
