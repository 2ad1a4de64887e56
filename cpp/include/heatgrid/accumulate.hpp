// From shapes to counts: the whole batch, all classes, one call.
//
// Labels, images and weights were checked: 0 <= label < classes, weights finite. Each annotation adds its
// amount at most once to a cell of its class's plane: 1 into int64 counts; its weight, or the share of the
// cell that it covers, into float64 sums. With images, the annotations of one image (and class) are united
// and add 1 together.
//
// Few shapes are painted cell by cell; many go through difference grids; workers have grids of their own, and
// all sums are exact, so results do not depend on the number of workers. Where one grid for every class would
// be large, annotations are ordered by class and counted plane by plane instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "heatgrid/box.hpp"
#include "heatgrid/differences.hpp"
#include "heatgrid/disc.hpp"
#include "heatgrid/geometry.hpp"
#include "heatgrid/line.hpp"
#include "heatgrid/mask.hpp"
#include "heatgrid/mixed.hpp"
#include "heatgrid/point.hpp"

namespace heatgrid {

// How many annotations had each Outcome, by its number.
using Tally = std::array<std::size_t, 5>;

struct Batch {
    const std::int64_t* labels = nullptr;  // null: all of class 0
    Outcome* outcomes = nullptr;           // null, or receives what became of each annotation
    std::size_t threads = 1;
    const std::int64_t* images = nullptr;  // null: instances; else annotations are united image by image
    const double* weights = nullptr;       // null: 1 each; only into sums
};

Tally count_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts);
Tally count_points(const Points& points, const Batch& batch, OutsidePoints outside, const Counts& counts);
Tally count_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Counts& counts);
Tally count_lines(const Lines& lines, const Batch& batch, Rule rule, const Counts& counts);
Tally count_masks(const Masks& masks, const Batch& batch, Rule rule, const Counts& counts);
Tally count_discs(const Discs& discs, const Batch& batch, const Counts& counts);
Tally count_mixed(const Mixed& mixed, const Batch& batch, const BoxOptions& options, const Counts& counts);

// The same for weights, and for Rule::area, which lines do not have; images are not for these.
Tally sum_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Sums& sums);
Tally sum_points(const Points& points, const Batch& batch, OutsidePoints outside, const Sums& sums);
Tally sum_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Sums& sums);
Tally sum_lines(const Lines& lines, const Batch& batch, Rule rule, const Sums& sums);
Tally sum_masks(const Masks& masks, const Batch& batch, Rule rule, const Sums& sums);
Tally sum_discs(const Discs& discs, const Batch& batch, const Sums& sums);
Tally sum_mixed(const Mixed& mixed, const Batch& batch, const BoxOptions& options, const Sums& sums);

}  // namespace heatgrid
