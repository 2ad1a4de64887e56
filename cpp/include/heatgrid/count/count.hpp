// Counting: shapes in, counts or sums out.
#pragma once

#include "heatgrid/count/batch.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/shapes/area/row_sweep.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/point.hpp"

namespace heatgrid {

struct CountOptions : BoxOptions {
    OutsidePoints outside = OutsidePoints::drop;     ///< for single points
    std::size_t area_work = RowSweep::default_work;  ///< limit of one polygon's work under Rule::area
};

/// Counts the pending annotations and writes their outcomes; entries with any other outcome are ignored.
///
/// Each annotation adds to the plane of its class: 1 if `Cell` is std::int64_t; its weight, times the share
/// of a cell that it covers under Rule::area, if `Cell` is double. `batch.order` is null, and `batch.count`
/// is that of the shapes. With images, the annotations of an image are united, also those of different kinds;
/// not for sums. Lines and points have no area: under Rule::area they are refused.
///
/// Throws std::invalid_argument before anything is counted if a pending annotation is not of exactly one
/// kind that has a column, std::bad_alloc, and what interrupts it. Without `batch.results`, planes must be
/// zero and are undefined after an exception; with results, `Results::write` changes them, all or nothing.
template <class Cell>
void count_shapes(const Shapes& shapes, const CountOptions& options, const Batch& batch,
                  const Planes<Cell>& planes);

extern template void count_shapes(const Shapes&, const CountOptions&, const Batch&, const Counts&);
extern template void count_shapes(const Shapes&, const CountOptions&, const Batch&, const Sums&);

/// Returns how many of these annotations were skipped for a fault of their own.
[[nodiscard]] std::size_t count_faults(const Outcome* outcomes, std::size_t count) noexcept;

}  // namespace heatgrid
