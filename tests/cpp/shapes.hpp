// Shapes written as braces, and what the kernel counts of them.
//
// Coordinates are in cells: the image is as many "pixels" wide and high as the grid has columns and rows, so
// that a box from 1 to 3 covers the columns 1 and 2, and a centre lies at a half.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "heatgrid/accumulate.hpp"

namespace heatgrid::check {

using Point = std::array<double, 2>;
using Box = std::array<double, 4>;
using Ring = std::vector<Point>;
using Part = std::vector<Ring>;     // an outer ring, then holes
using Polygon = std::vector<Part>;  // united

// The ring around a box, clockwise on the screen from its top left corner.
Ring ring_of(const Box& box);

struct Options {
    Rule rule = Rule::center;
    double large_box_ratio = BoxOptions{}.large_box_ratio;
    OutsidePoints outside = OutsidePoints::drop;
    std::vector<std::int64_t> labels = {};  // empty: all of class 0
    std::size_t classes = 1;
    std::size_t threads = 1;
};

struct Counted {
    Grid grid;
    std::vector<std::int64_t> values;
    std::vector<Outcome> outcomes;
    Tally tally{};

    [[nodiscard]] Picture picture(std::size_t plane = 0) const;
};

Counted count(Grid grid, const std::vector<Box>& boxes, const Options& options = {});
Counted count(Grid grid, const std::vector<Point>& points, const Options& options = {});
Counted count(Grid grid, const std::vector<Polygon>& polygons, const Options& options = {});

// Of a single shape.
Picture picture(Grid grid, const Box& box, const Options& options = {});
Picture picture(Grid grid, const Point& point, const Options& options = {});
Picture picture(Grid grid, const Polygon& polygon, const Options& options = {});
Outcome outcome(Grid grid, const Box& box, const Options& options = {});
Outcome outcome(Grid grid, const Point& point, const Options& options = {});
Outcome outcome(Grid grid, const Polygon& polygon, const Options& options = {});

}  // namespace heatgrid::check

namespace heatgrid {

std::ostream& operator<<(std::ostream& stream, Outcome outcome);

}  // namespace heatgrid
