// Counting boxes, in blocks.
#pragma once

#include "heatgrid/count/batch.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/shapes/box.hpp"

namespace heatgrid {

/// Counts the batch's boxes, or sums their weights, and writes their outcomes; see count.hpp.
template <class Cell>
void count_boxes(const Boxes& boxes, const BoxOptions& options, const Batch& batch,
                 const Planes<Cell>& planes);

extern template void count_boxes(const Boxes&, const BoxOptions&, const Batch&, const Counts&);
extern template void count_boxes(const Boxes&, const BoxOptions&, const Batch&, const Sums&);

}  // namespace heatgrid
