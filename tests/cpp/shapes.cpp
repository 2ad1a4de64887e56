#include "shapes.hpp"

#include <cstddef>
#include <ostream>

namespace heatgrid::check {
namespace {

template <class Cell>
char drawn(Cell count) {
    for (int digit = 1; digit < 10; ++digit) {
        if (count == static_cast<Cell>(digit)) return static_cast<char>('0' + digit);
    }
    return count == Cell{} ? '.' : '?';
}

template <class Value>
const Value* data_or_null(const std::vector<Value>& values) {
    return values.empty() ? nullptr : values.data();
}

// Pixels of one cell each.
std::array<double, 2> size_of(Grid grid) {
    return {static_cast<double>(grid.columns), static_cast<double>(grid.rows)};
}

// The vertices of all rings one after the other, and the offsets of each level.
struct Ragged {
    std::vector<double> coordinates;
    std::vector<std::int64_t> rings{0};
    std::vector<std::int64_t> parts{0};
    std::vector<std::int64_t> annotations{0};
};

Ragged ragged(const std::vector<Polygon>& polygons) {
    Ragged flat;
    for (const Polygon& polygon : polygons) {
        for (const Part& part : polygon) {
            for (const Ring& ring : part) {
                for (const Point& vertex : ring) {
                    flat.coordinates.insert(flat.coordinates.end(), vertex.begin(), vertex.end());
                }
                flat.rings.push_back(static_cast<std::int64_t>(flat.coordinates.size() / 2));
            }
            flat.parts.push_back(static_cast<std::int64_t>(flat.rings.size()) - 1);
        }
        flat.annotations.push_back(static_cast<std::int64_t>(flat.parts.size()) - 1);
    }
    return flat;
}

// Calls the kernel with a view of the shapes.
template <class Call>
Tally with_view(Grid grid, const std::vector<Box>& boxes, const Call& call) {
    const std::array<double, 2> size = size_of(grid);
    const double* corners = boxes.empty() ? nullptr : boxes.front().data();
    return call(Boxes{corners, boxes.size(), {size.data(), 0}});
}

template <class Call>
Tally with_view(Grid grid, const std::vector<Point>& points, const Call& call) {
    const std::array<double, 2> size = size_of(grid);
    const double* coordinates = points.empty() ? nullptr : points.front().data();
    return call(Points{coordinates, points.size(), {size.data(), 0}});
}

template <class Call>
Tally with_view(Grid grid, const std::vector<Polygon>& polygons, const Call& call) {
    const std::array<double, 2> size = size_of(grid);
    const Ragged flat = ragged(polygons);
    return call(Polygons{flat.coordinates.data(),
                         flat.rings.data(),
                         flat.parts.data(),
                         flat.annotations.data(),
                         polygons.size(),
                         {size.data(), 0}});
}

template <class Call>
Tally with_view(Grid grid, const std::vector<Line>& lines, const Call& call) {
    const std::array<double, 2> size = size_of(grid);
    std::vector<double> coordinates;
    std::vector<std::int64_t> paths{0};
    std::vector<std::int64_t> annotations{0};
    for (const Line& line : lines) {
        for (const Ring& path : line.paths) {
            for (const Point& vertex : path) {
                coordinates.insert(coordinates.end(), vertex.begin(), vertex.end());
            }
            paths.push_back(static_cast<std::int64_t>(coordinates.size() / 2));
        }
        annotations.push_back(static_cast<std::int64_t>(paths.size()) - 1);
    }
    return call(Lines{coordinates.data(), paths.data(), annotations.data(), lines.size(), {size.data(), 0}});
}

// And with room for its results.
template <class Cell, class Shape, class Call>
Result<Cell> result_of(Grid grid, const std::vector<Shape>& shapes, const Options& options,
                       const Call& call) {
    Result<Cell> result;
    result.grid = grid;
    result.values.assign(grid.cells() * options.classes, Cell{});
    result.outcomes.assign(shapes.size(), Outcome::invalid);
    Batch batch;
    batch.labels = data_or_null(options.labels);
    batch.outcomes = result.outcomes.data();
    batch.threads = options.threads;
    batch.images = data_or_null(options.images);
    batch.weights = data_or_null(options.weights);
    const Planes<Cell> planes{result.values.data(), options.classes, grid};
    result.tally = with_view(grid, shapes, [&](const auto& view) { return call(view, batch, planes); });
    return result;
}

}  // namespace

Ring ring_of(const Box& box) {
    const auto [x1, y1, x2, y2] = box;
    return {{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}};
}

template <class Cell>
Picture Result<Cell>::picture(std::size_t plane) const {
    const auto columns = static_cast<std::size_t>(grid.columns);
    Picture rows(static_cast<std::size_t>(grid.rows), std::string(columns, ' '));
    for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
        rows[cell / columns][cell % columns] = drawn(values[plane * grid.cells() + cell]);
    }
    return rows;
}

template struct Result<std::int64_t>;
template struct Result<double>;

Counted count(Grid grid, const std::vector<Box>& boxes, const Options& options) {
    return result_of<std::int64_t>(
        grid, boxes, options, [&](const Boxes& view, const Batch& batch, const Counts& counts) {
            return count_boxes(view, batch, BoxOptions{options.rule, options.large_box_ratio}, counts);
        });
}

Counted count(Grid grid, const std::vector<Point>& points, const Options& options) {
    return result_of<std::int64_t>(grid, points, options,
                                   [&](const Points& view, const Batch& batch, const Counts& counts) {
                                       return count_points(view, batch, options.outside, counts);
                                   });
}

Counted count(Grid grid, const std::vector<Polygon>& polygons, const Options& options) {
    return result_of<std::int64_t>(grid, polygons, options,
                                   [&](const Polygons& view, const Batch& batch, const Counts& counts) {
                                       return count_polygons(view, batch, options.rule, counts);
                                   });
}

Counted count(Grid grid, const std::vector<Line>& lines, const Options& options) {
    return result_of<std::int64_t>(grid, lines, options,
                                   [&](const Lines& view, const Batch& batch, const Counts& counts) {
                                       return count_lines(view, batch, options.rule, counts);
                                   });
}

Summed sum(Grid grid, const std::vector<Box>& boxes, const Options& options) {
    return result_of<double>(
        grid, boxes, options, [&](const Boxes& view, const Batch& batch, const Sums& sums) {
            return sum_boxes(view, batch, BoxOptions{options.rule, options.large_box_ratio}, sums);
        });
}

Summed sum(Grid grid, const std::vector<Point>& points, const Options& options) {
    return result_of<double>(grid, points, options,
                             [&](const Points& view, const Batch& batch, const Sums& sums) {
                                 return sum_points(view, batch, options.outside, sums);
                             });
}

Summed sum(Grid grid, const std::vector<Polygon>& polygons, const Options& options) {
    return result_of<double>(grid, polygons, options,
                             [&](const Polygons& view, const Batch& batch, const Sums& sums) {
                                 return sum_polygons(view, batch, options.rule, sums);
                             });
}

Summed sum(Grid grid, const std::vector<Line>& lines, const Options& options) {
    return result_of<double>(grid, lines, options,
                             [&](const Lines& view, const Batch& batch, const Sums& sums) {
                                 return sum_lines(view, batch, options.rule, sums);
                             });
}

}  // namespace heatgrid::check

namespace heatgrid {

std::ostream& operator<<(std::ostream& stream, Outcome outcome) {
    static constexpr const char* names[] = {"counted", "fallback", "empty", "outside", "invalid"};
    return stream << names[static_cast<std::size_t>(outcome)];
}

}  // namespace heatgrid
