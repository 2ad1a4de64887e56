#include "shapes.hpp"

#include <cstddef>
#include <ostream>

namespace heatgrid::check {
namespace {

char drawn(std::int64_t count) {
    if (count == 0) return '.';
    return count > 0 && count < 10 ? static_cast<char>('0' + count) : '?';
}

// Pixels of one cell each.
std::array<double, 2> size_of(Grid grid) {
    return {static_cast<double>(grid.columns), static_cast<double>(grid.rows)};
}

// Calls the kernel with arrays of its results' sizes.
template <class Call>
Counted count_with(Grid grid, std::size_t annotations, const Options& options, const Call& call) {
    Counted counted;
    counted.grid = grid;
    counted.values.assign(grid.cells() * options.classes, 0);
    counted.outcomes.assign(annotations, Outcome::invalid);
    Batch batch;
    batch.labels = options.labels.empty() ? nullptr : options.labels.data();
    batch.outcomes = counted.outcomes.data();
    batch.threads = options.threads;
    counted.tally = call(batch, Counts{counted.values.data(), options.classes, grid});
    return counted;
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

}  // namespace

Ring ring_of(const Box& box) {
    const auto [x1, y1, x2, y2] = box;
    return {{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}};
}

Picture Counted::picture(std::size_t plane) const {
    const auto columns = static_cast<std::size_t>(grid.columns);
    Picture rows(static_cast<std::size_t>(grid.rows), std::string(columns, ' '));
    for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
        rows[cell / columns][cell % columns] = drawn(values[plane * grid.cells() + cell]);
    }
    return rows;
}

Counted count(Grid grid, const std::vector<Box>& boxes, const Options& options) {
    const std::array<double, 2> size = size_of(grid);
    return count_with(grid, boxes.size(), options, [&](const Batch& batch, const Counts& counts) {
        const double* corners = boxes.empty() ? nullptr : boxes.front().data();
        return count_boxes(Boxes{corners, boxes.size(), {size.data(), 0}}, batch,
                           BoxOptions{options.rule, options.large_box_ratio}, counts);
    });
}

Counted count(Grid grid, const std::vector<Point>& points, const Options& options) {
    const std::array<double, 2> size = size_of(grid);
    return count_with(grid, points.size(), options, [&](const Batch& batch, const Counts& counts) {
        const double* coordinates = points.empty() ? nullptr : points.front().data();
        return count_points(heatgrid::Points{coordinates, points.size(), {size.data(), 0}}, batch,
                            options.outside, counts);
    });
}

Counted count(Grid grid, const std::vector<Polygon>& polygons, const Options& options) {
    const std::array<double, 2> size = size_of(grid);
    const Ragged flat = ragged(polygons);
    return count_with(grid, polygons.size(), options, [&](const Batch& batch, const Counts& counts) {
        const Polygons view{flat.coordinates.data(), flat.rings.data(), flat.parts.data(),
                            flat.annotations.data(), polygons.size(),   {size.data(), 0}};
        return count_polygons(view, batch, options.rule, counts);
    });
}

Picture picture(Grid grid, const Box& box, const Options& options) {
    return count(grid, std::vector<Box>{box}, options).picture();
}

Picture picture(Grid grid, const Point& point, const Options& options) {
    return count(grid, std::vector<Point>{point}, options).picture();
}

Picture picture(Grid grid, const Polygon& polygon, const Options& options) {
    return count(grid, std::vector<Polygon>{polygon}, options).picture();
}

Outcome outcome(Grid grid, const Box& box, const Options& options) {
    return count(grid, std::vector<Box>{box}, options).outcomes.front();
}

Outcome outcome(Grid grid, const Point& point, const Options& options) {
    return count(grid, std::vector<Point>{point}, options).outcomes.front();
}

Outcome outcome(Grid grid, const Polygon& polygon, const Options& options) {
    return count(grid, std::vector<Polygon>{polygon}, options).outcomes.front();
}

}  // namespace heatgrid::check

namespace heatgrid {

std::ostream& operator<<(std::ostream& stream, Outcome outcome) {
    static constexpr const char* names[] = {"counted", "fallback", "empty", "outside", "invalid"};
    return stream << names[static_cast<std::size_t>(outcome)];
}

}  // namespace heatgrid
