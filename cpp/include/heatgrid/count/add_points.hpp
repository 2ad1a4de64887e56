// Fast path for single points.
#pragma once

#include "heatgrid/count/batch.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/shapes/point.hpp"

namespace heatgrid {

/// Counts single points in place, without an accumulator. Precondition: the batch has no order, no images
/// and no results.
void add_points(const Points& points, OutsidePoints outside, const Batch& batch, const Counts& counts);

}  // namespace heatgrid
