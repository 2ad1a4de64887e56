// Stamps: the shapes of one frame, added to a live map at once, each with its own amount.
//
// What a shape hits is what it hits when it is counted: boxes and masks by Rule::center, points and discs by
// their own rules. Amounts are not negative. Sums are doubles added in the order of the shapes. A shape with
// a footprint adds to the cells that are new to it only, and they are in it from then on; shapes may share
// one. Cost: the cells hit and the grid's rows, not the grid (for masks, which need scratch memory of the
// grid's size, also a clearing of that).
#pragma once

#include <cstddef>

#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/live/footprint.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/disc.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/point.hpp"

namespace heatgrid {

struct Stamping {
    const double* amounts = nullptr;         // one a shape
    Footprint* const* footprints = nullptr;  // null, or one a shape, null where it has none
    const Rectangle* limits = nullptr;       // null, or one a shape: it hits no cell outside
    Outcome* outcomes = nullptr;             // one a shape, written
};

// Each adds to the one plane of `heat`, and returns the greatest value that it left in a cell; 0 where it
// left none.
double stamp_boxes(const Boxes& boxes, const Stamping& stamping, const Sums& heat);
double stamp_points(const Points& points, const Stamping& stamping, const Sums& heat);
double stamp_discs(const Discs& discs, const Stamping& stamping, const Sums& heat);
double stamp_masks(const Masks& masks, const Stamping& stamping, const Sums& heat);

}  // namespace heatgrid
