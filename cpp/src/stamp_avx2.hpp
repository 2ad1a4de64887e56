// Adding to a run of cells with 256-bit registers, where the processor has them.
#pragma once

#include <cstddef>

#include "heatgrid/processor.hpp"

namespace heatgrid {

// Adds an amount to the first of `count` cells, eight at a time, and returns to how many; `top` becomes the
// greatest sum, if that is greater.
[[nodiscard]] std::size_t add_cells_avx2(double* cells, std::size_t count, double amount,
                                         double& top) noexcept;

}  // namespace heatgrid
