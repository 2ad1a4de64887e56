// libFuzzer: any bytes become a batch of boxes, points, lines, oriented boxes, discs, masks or polygons,
// counted twice: all at once by threads, and one by one. Both must agree, and the sanitizers must have
// nothing to say. What polygons cover of a cell is no more than all of it, and nothing where they do not
// touch it; lines hit the cells of their vertices, and backwards the same cells.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "fuzz_input.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Rule;

namespace {

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

template <class Shape, class Take>
std::vector<Shape> check_batch(Bytes& bytes, Grid grid, Options options, const Take& take) {
    const std::vector<Shape> shapes = take_all<Shape>(bytes, take);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        options.labels.push_back(static_cast<std::int64_t>(i % options.classes));
    }
    const Counted together = count(grid, shapes, options);
    std::vector<std::int64_t> sum(together.values.size(), 0);
    Options alone = options;
    alone.threads = 1;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        alone.labels = {options.labels[i]};
        const Counted one = count(grid, std::vector<Shape>{shapes[i]}, alone);
        require(one.outcomes.front() == together.outcomes[i], "an outcome does not depend on the batch");
        bool is_hit = false;
        for (std::size_t cell = 0; cell < sum.size(); ++cell) {
            require(one.values[cell] == 0 || one.values[cell] == 1, "an annotation adds at most 1 to a cell");
            is_hit |= one.values[cell] == 1;
            sum[cell] += one.values[cell];
        }
        require(is_hit == (one.outcomes.front() <= heatgrid::Outcome::counted_as_point),
                "what is counted hits a cell");
    }
    require(sum == together.values, "a batch is the sum of its annotations");
    return shapes;
}

// Whether a rounded product of a coordinate with the grid may be far from the true one.
bool reaches_far(const Polygon& polygon) {
    constexpr double far = 1e6;
    for (const Part& part : polygon) {
        for (const Ring& ring : part) {
            for (const Point& vertex : ring) {
                if (std::fabs(vertex[0]) > far || std::fabs(vertex[1]) > far) return true;
            }
        }
    }
    return false;
}

void check_cover(Grid grid, const std::vector<Polygon>& polygons) {
    constexpr double rounding = 1e-9;
    for (const Polygon& polygon : polygons) {
        const bool is_far = reaches_far(polygon);
        Options options;
        options.rule = Rule::area;
        const Summed covered = sum(grid, std::vector<Polygon>{polygon}, options);
        options.rule = Rule::touch;
        const Counted touched = count(grid, std::vector<Polygon>{polygon}, options);
        for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
            const double share = covered.values[cell];
            require(share >= 0.0 && share <= 1.0 + rounding, "a share is between nothing and all");
            require(share <= rounding || is_far || touched.values[cell] == 1, "what is covered is touched");
        }
    }
}

void check_lines(Grid grid, const std::vector<Line>& lines) {
    for (const Line& line : lines) {
        const Counted passed = count(grid, std::vector<Line>{line});
        Line backwards = line;
        std::vector<Point> vertices;
        for (Ring& path : backwards.paths) {
            std::reverse(path.begin(), path.end());
            vertices.insert(vertices.end(), path.begin(), path.end());
        }
        require(count(grid, std::vector<Line>{backwards}) == passed, "a line is the same backwards");
        if (passed.outcomes.front() != heatgrid::Outcome::counted) continue;
        const Counted ends = count(grid, vertices);
        for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
            require(ends.values[cell] == 0 || passed.values[cell] == 1, "a line hits its vertices");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    const Grid grid = take_grid(bytes);
    Options options;
    options.classes = static_cast<std::size_t>(bytes.from_1_to(3));
    options.threads = static_cast<std::size_t>(bytes.from_1_to(3));
    options.collects = options.threads == 2;
    const std::uint8_t choice = bytes.take<std::uint8_t>();
    options.rule = static_cast<Rule>(choice % 3);
    if (choice & 64) options.large_box_ratio = 0.25;
    if (choice & 128) options.outside = heatgrid::OutsidePoints::clamp;
    switch (bytes.take<std::uint8_t>() % 7) {
        case 0:
            check_batch<Box>(bytes, grid, options, take_box);
            break;
        case 1:
            check_batch<Point>(bytes, grid, options, take_point);
            break;
        case 2:
            check_lines(grid, check_batch<Line>(bytes, grid, options, take_line));
            break;
        case 3:
            check_cover(grid, check_batch<Polygon>(bytes, grid, options, take_oriented_box));
            break;
        case 4:
            check_batch<Disc>(bytes, grid, options, take_disc);
            break;
        case 5:
            check_batch<Mask>(bytes, grid, options, take_mask);
            break;
        default:
            check_cover(grid, check_batch<Polygon>(bytes, grid, options, take_polygon));
    }
    return 0;
}
