// Seeded shapes, some of them beside the image, tiny or invalid.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "shapes.hpp"

namespace heatgrid::check {

class Generator {
  public:
    explicit Generator(Grid grid) : grid_(grid) {}

    double up_to(double limit) { return static_cast<double>(engine_() >> 11) * 0x1p-53 * limit; }

    Point point() { return {coordinate(grid_.columns), coordinate(grid_.rows)}; }

    Box box() {
        const Point center = point();
        const double width = up_to(1.0) * up_to(grid_.columns);
        const double height = up_to(1.0) * up_to(grid_.rows);
        return {center[0] - width, center[1] - height, center[0] + width, center[1] + height};
    }

    Ring ring() {
        const Box around = box();
        Ring vertices(3 + engine_() % 9);
        for (Point& vertex : vertices) {
            vertex = {around[0] + up_to(around[2] - around[0]), around[1] + up_to(around[3] - around[1])};
        }
        return vertices;
    }

    Polygon polygon() {
        Polygon parts(1 + engine_() % 2);
        for (Part& part : parts) {
            for (std::size_t rings = 1 + engine_() % 2; rings > 0; --rings) part.push_back(ring());
        }
        return parts;
    }

    Line line() {
        Line paths;
        for (std::size_t count = 1 + engine_() % 2; count > 0; --count) paths.paths.push_back(ring());
        return paths;
    }

    std::vector<Box> boxes(std::size_t count) { return some(count, &Generator::box); }
    std::vector<Point> points(std::size_t count) { return some(count, &Generator::point); }
    std::vector<Polygon> polygons(std::size_t count) { return some(count, &Generator::polygon); }
    std::vector<Line> lines(std::size_t count) { return some(count, &Generator::line); }

    /// Labels, or numbers of images: integers below `limit`.
    std::vector<std::int64_t> numbers(std::size_t count, std::size_t limit) {
        std::vector<std::int64_t> values(count);
        for (std::int64_t& value : values) value = static_cast<std::int64_t>(engine_() % limit);
        return values;
    }

  private:
    template <class Shape>
    std::vector<Shape> some(std::size_t count, Shape (Generator::*make)()) {
        std::vector<Shape> shapes(count);
        for (Shape& shape : shapes) shape = (this->*make)();
        return shapes;
    }

    double coordinate(std::int32_t cells) {
        if (engine_() % 50 == 0) return not_a_number;
        return (up_to(1.4) - 0.2) * cells;
    }

    Grid grid_;
    std::mt19937_64 engine_{20240229};
};

}  // namespace heatgrid::check
