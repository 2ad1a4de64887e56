// From shapes to counts: the whole batch, all classes, one call.
//
// Every annotation adds at most 1 to a cell of its class's plane. Labels were checked: 0 <= label < classes.
// `outcomes`, when not null, receives what became of each annotation. Few shapes are painted cell by cell;
// many go through difference grids; workers have private grids, so results do not depend on their number.
// Where one grid for every class would be large, annotations are ordered by class and counted plane by plane
// instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "heatgrid/box.hpp"
#include "heatgrid/differences.hpp"
#include "heatgrid/geometry.hpp"
#include "heatgrid/point.hpp"

namespace heatgrid {

// How many annotations had each Outcome, by its number.
using Tally = std::array<std::size_t, 5>;

struct Batch {
    const std::int64_t* labels = nullptr;  // null: all of class 0
    Outcome* outcomes = nullptr;
    std::size_t threads = 1;
};

Tally count_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts);
Tally count_points(const Points& points, const Batch& batch, OutsidePoints outside, const Counts& counts);
Tally count_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Counts& counts);

}  // namespace heatgrid
