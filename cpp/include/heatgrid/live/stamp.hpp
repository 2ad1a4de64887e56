// Stamps: the shapes of one frame, each added to a live map with its own amount.
//
// A shape hits the same cells as when it is counted: boxes and masks by Rule::center, points and discs by
// their own rules. Amounts are not negative. Sums are doubles, added in the order of the shapes. A shape with
// a footprint adds only to cells that are new to it, and inserts them; shapes may share one. O(cells hit +
// rows of the grid); masks also clear scratch memory of the grid's size.
#pragma once

#include <cstddef>

#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/live/footprint.hpp"

namespace heatgrid {

struct Stamping {
    const double* amounts = nullptr;         // one per shape
    Footprint* const* footprints = nullptr;  // null, or one per shape, null if it has none
    const Rectangle* limits = nullptr;       // null, or one per shape: it hits no cell outside
    Outcome* outcomes = nullptr;             // written, one per shape
};

/// Adds boxes, single points, discs or masks to the only plane of `heat`; returns the greatest value that it
/// left in a cell, or 0. Precondition: one of these kinds is present.
double stamp_shapes(const Shapes& shapes, const Stamping& stamping, const Sums& heat);

}  // namespace heatgrid
