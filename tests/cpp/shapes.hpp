// Shapes as initializer lists, and their counts.
//
// Coordinates are in cells: the image is as many "pixels" wide and high as the grid has columns and rows, so
// that a box from 1 to 3 covers the columns 1 and 2, and a center lies at a half.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "check.hpp"
#include "heatgrid/count/count.hpp"

namespace heatgrid::check {

using Point = std::array<double, 2>;
using Box = std::array<double, 4>;
using Ring = std::vector<Point>;
using Part = std::vector<Ring>;     // an outer ring, then holes
using Polygon = std::vector<Part>;  // united
struct Line {
    std::vector<Ring> paths;  // open
};
struct Disc {
    double x;
    double y;
    double radius;
};
struct Mask {
    std::int64_t height;
    std::int64_t width;
    std::vector<std::int64_t> runs;  // by columns
};

/// The ring around a box, clockwise on the screen from its top left corner.
Ring ring_of(const Box& box);

struct Options {
    Rule rule = Rule::center;
    double large_box_ratio = BoxOptions{}.large_box_ratio;
    OutsidePoints outside = OutsidePoints::drop;
    std::vector<std::int64_t> labels = {};  // empty: all of class 0
    std::size_t classes = 1;
    std::vector<std::int64_t> images = {};  // empty: instances
    std::vector<double> weights = {};       // empty: 1 each
    std::size_t threads = 1;
    bool collects = false;  // results are written at the end, all or nothing
};

template <class Cell>
struct Result {
    Grid grid;
    std::vector<Cell> values;
    std::vector<Outcome> outcomes;

    /// Whole numbers below ten can be drawn.
    [[nodiscard]] Picture picture(std::size_t plane = 0) const;

    friend bool operator==(const Result& a, const Result& b) {
        return a.values == b.values && a.outcomes == b.outcomes;
    }
};

using Counted = Result<std::int64_t>;
using Summed = Result<double>;

/// For boxes, points, polygons, lines, discs and masks.
template <class Shape>
Counted count(Grid grid, const std::vector<Shape>& shapes, const Options& options = {});
template <class Shape>
Summed sum(Grid grid, const std::vector<Shape>& shapes, const Options& options = {});

/// Of a single shape.
template <class Shape>
Picture picture(Grid grid, const Shape& shape, const Options& options = {}) {
    return count(grid, std::vector<Shape>{shape}, options).picture();
}
template <class Shape>
Outcome outcome(Grid grid, const Shape& shape, const Options& options = {}) {
    return count(grid, std::vector<Shape>{shape}, options).outcomes.front();
}

}  // namespace heatgrid::check

namespace heatgrid {

std::ostream& operator<<(std::ostream& stream, Outcome outcome);

}  // namespace heatgrid
