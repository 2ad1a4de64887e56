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

// Calls use(shapes) with a view of the shapes, without sizes.
template <class Use>
void with_view(const std::vector<Box>& boxes, const Use& use) {
    Shapes shapes;
    shapes.count = boxes.size();
    shapes.present = static_cast<std::uint8_t>(Kind::box);
    shapes.boxes = {boxes.empty() ? nullptr : boxes.front().data(), boxes.size(), {}};
    use(shapes);
}

template <class Use>
void with_view(const std::vector<Point>& points, const Use& use) {
    Shapes shapes;
    shapes.count = points.size();
    shapes.present = static_cast<std::uint8_t>(Kind::points);
    shapes.points.count = points.size();
    shapes.points.coordinates = points.empty() ? nullptr : points.front().data();
    use(shapes);
}

template <class Use>
void with_view(const std::vector<Polygon>& polygons, const Use& use) {
    const Ragged flat = ragged(polygons);
    Shapes shapes;
    shapes.count = polygons.size();
    shapes.present = static_cast<std::uint8_t>(Kind::polygon);
    shapes.polygons = {flat.coordinates.data(), flat.rings.data(), flat.parts.data(),
                       flat.annotations.data(), polygons.size(),   {}};
    use(shapes);
}

template <class Use>
void with_view(const std::vector<Line>& lines, const Use& use) {
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
    Shapes shapes;
    shapes.count = lines.size();
    shapes.present = static_cast<std::uint8_t>(Kind::lines);
    shapes.lines = {coordinates.data(), paths.data(), annotations.data(), lines.size(), {}};
    use(shapes);
}

template <class Use>
void with_view(const std::vector<Disc>& discs, const Use& use) {
    Shapes shapes;
    shapes.count = discs.size();
    shapes.present = static_cast<std::uint8_t>(Kind::disc);
    shapes.discs = {discs.empty() ? nullptr : &discs.front().x, discs.size()};
    use(shapes);
}

template <class Use>
void with_view(const std::vector<Mask>& masks, const Use& use) {
    std::vector<std::int64_t> sizes;
    std::vector<std::int64_t> runs;
    std::vector<std::int64_t> offsets{0};
    for (const Mask& mask : masks) {
        sizes.insert(sizes.end(), {mask.height, mask.width});
        runs.insert(runs.end(), mask.runs.begin(), mask.runs.end());
        offsets.push_back(static_cast<std::int64_t>(runs.size()));
    }
    Shapes shapes;
    shapes.count = masks.size();
    shapes.present = static_cast<std::uint8_t>(Kind::mask);
    shapes.masks = {sizes.data(), masks.size(), nullptr, nullptr, runs.data(), offsets.data()};
    use(shapes);
}

template <class Cell, class Shape>
Result<Cell> result_of(Grid grid, const std::vector<Shape>& shapes, const Options& options) {
    Result<Cell> result;
    result.grid = grid;
    result.values.assign(grid.cells() * options.classes, Cell{});
    result.outcomes.assign(shapes.size(), Outcome::pending);
    Batch batch;
    batch.count = shapes.size();
    batch.labels = data_or_null(options.labels);
    batch.outcomes = result.outcomes.data();
    batch.threads = options.threads;
    batch.images = data_or_null(options.images);
    batch.weights = data_or_null(options.weights);
    CountOptions how;
    how.rule = options.rule;
    how.large_box_ratio = options.large_box_ratio;
    how.outside = options.outside;
    const std::array<double, 2> size = size_of(grid);
    const Planes<Cell> planes{result.values.data(), options.classes, grid};
    with_view(shapes, [&](Shapes view) {
        view.set_sizes({size.data(), 0});
        heatgrid::Results results;
        if (options.collects) batch.results = &results;
        count_shapes(view, how, batch, planes);
        results.write();
    });
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

template <class Shape>
Counted count(Grid grid, const std::vector<Shape>& shapes, const Options& options) {
    return result_of<std::int64_t>(grid, shapes, options);
}

template <class Shape>
Summed sum(Grid grid, const std::vector<Shape>& shapes, const Options& options) {
    return result_of<double>(grid, shapes, options);
}

#define HEATGRID_COUNTS(Shape)                                               \
    template Counted count(Grid, const std::vector<Shape>&, const Options&); \
    template Summed sum(Grid, const std::vector<Shape>&, const Options&);
HEATGRID_COUNTS(Box)
HEATGRID_COUNTS(Point)
HEATGRID_COUNTS(Polygon)
HEATGRID_COUNTS(Line)
HEATGRID_COUNTS(Disc)
HEATGRID_COUNTS(Mask)
#undef HEATGRID_COUNTS

}  // namespace heatgrid::check

namespace heatgrid {

std::ostream& operator<<(std::ostream& stream, Outcome outcome) {
    return stream << "outcome " << static_cast<int>(outcome);
}

}  // namespace heatgrid
