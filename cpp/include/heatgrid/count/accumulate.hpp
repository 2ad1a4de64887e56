// From shapes to counts: the whole batch, all classes, one call (see batch.hpp; of boxes, box_batch.hpp).
#pragma once

#include "heatgrid/count/batch.hpp"
#include "heatgrid/count/box_batch.hpp"
#include "heatgrid/count/mixed.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/disc.hpp"
#include "heatgrid/shapes/line.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/point.hpp"

namespace heatgrid {

Tally count_points(const Points& points, const Batch& batch, OutsidePoints outside, const Counts& counts);
Tally count_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Counts& counts);
Tally count_lines(const Lines& lines, const Batch& batch, Rule rule, const Counts& counts);
Tally count_masks(const Masks& masks, const Batch& batch, Rule rule, const Counts& counts);
Tally count_discs(const Discs& discs, const Batch& batch, const Counts& counts);
Tally count_mixed(const Mixed& mixed, const Batch& batch, const BoxOptions& options, const Counts& counts);

// The same for weights, and for Rule::area, which lines do not have; images are not for these.
Tally sum_points(const Points& points, const Batch& batch, OutsidePoints outside, const Sums& sums);
Tally sum_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Sums& sums);
Tally sum_lines(const Lines& lines, const Batch& batch, Rule rule, const Sums& sums);
Tally sum_masks(const Masks& masks, const Batch& batch, Rule rule, const Sums& sums);
Tally sum_discs(const Discs& discs, const Batch& batch, const Sums& sums);
Tally sum_mixed(const Mixed& mixed, const Batch& batch, const BoxOptions& options, const Sums& sums);

}  // namespace heatgrid
