// Numbers, shapes and grids from a fuzzer's bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "shapes.hpp"

namespace heatgrid::check {

/// Reads numbers from the fuzzer's bytes; zeros when they are used up.
class Bytes {
  public:
    Bytes(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

    [[nodiscard]] bool empty() const { return left_ == 0; }

    template <class Number>
    Number take() {
        Number number{};
        const std::size_t size = std::min(sizeof number, left_);
        if (size > 0) std::memcpy(&number, data_, size);
        data_ += size;
        left_ -= size;
        return number;
    }

    std::int32_t from_1_to(std::int32_t most) { return 1 + take<std::uint8_t>() % most; }

    /// Mostly a multiple of an eighth of a cell near the grid, so that ties are frequent; sometimes any
    /// double.
    double coordinate() {
        const auto tag = take<std::uint8_t>();
        return tag < 240 ? (tag - 16) / 8.0 : take<double>();
    }

  private:
    const std::uint8_t* data_;
    std::size_t left_;
};

inline Point take_point(Bytes& bytes) {
    const double x = bytes.coordinate();
    return {x, bytes.coordinate()};
}

inline Box take_box(Bytes& bytes) {
    const Point first = take_point(bytes);
    const Point second = take_point(bytes);
    return {first[0], first[1], second[0], second[1]};
}

/// A byte before each vertex tells whether it continues the ring or begins a ring, a part, or the next
/// polygon.
inline Polygon take_polygon(Bytes& bytes) {
    Polygon polygon;
    while (!bytes.empty()) {
        const int step = bytes.take<std::uint8_t>() % 32;
        if (step == 0) break;
        if (polygon.empty() || step == 1) polygon.emplace_back();
        if (polygon.back().empty() || step == 2) polygon.back().emplace_back();
        polygon.back().back().push_back(take_point(bytes));
    }
    return polygon;
}

/// Likewise for lines: continue the path, begin a path, or begin a line.
inline Line take_line(Bytes& bytes) {
    Line line;
    while (!bytes.empty()) {
        const int step = bytes.take<std::uint8_t>() % 16;
        if (step == 0) break;
        if (line.paths.empty() || step == 1) line.paths.emplace_back();
        line.paths.back().push_back(take_point(bytes));
    }
    return line;
}

inline Grid take_grid(Bytes& bytes) {
    const std::int32_t rows = bytes.from_1_to(24);
    return {rows, bytes.from_1_to(80)};
}

template <class Shape, class Take>
std::vector<Shape> take_all(Bytes& bytes, const Take& take) {
    std::vector<Shape> shapes;
    while (!bytes.empty()) shapes.push_back(take(bytes));
    return shapes;
}

}  // namespace heatgrid::check
