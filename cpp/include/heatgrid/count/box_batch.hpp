// From boxes to counts: a block of them at a time through the guesses of box.hpp.
#pragma once

#include "heatgrid/count/batch.hpp"
#include "heatgrid/count/differences.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/shapes/box.hpp"

namespace heatgrid {

Tally count_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts);

// The same for weights, and for Rule::area; images are not for these.
Tally sum_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Sums& sums);

}  // namespace heatgrid
