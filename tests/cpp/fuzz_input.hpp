// Numbers, shapes and grids from a fuzzer's bytes.
#pragma once

#include <algorithm>
#include <cmath>
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

    /// An eighth of a cell, about the grid, so that ties are frequent, or a double next to it; a subnormal
    /// number; a number that overflows in products; or any double at all.
    double coordinate() {
        constexpr double rare[] = {0.0,       -0.0,      0x1p-1074, -0x1p-1074, 0x1p-1022, -0x1p-1022,
                                   0x1p-1040, 1.0 / 3.0, 1e17,      -1e17,      1e308,     -1e308};
        const auto tag = take<std::uint8_t>();
        const double eighth = (tag % 128 - 16) / 8.0;
        if (tag < 128) return eighth;
        if (tag < 208) return std::nextafter(eighth, tag % 2 ? 1e9 : -1e9);
        return tag < 244 ? rare[tag % 12] : take<double>();
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

inline Disc take_disc(Bytes& bytes) {
    const Point center = take_point(bytes);
    return {center[0], center[1], bytes.coordinate()};
}

/// An oriented box, as the polygon of its corners.
inline Polygon take_oriented_box(Bytes& bytes) {
    const Point center = take_point(bytes);
    const Point half = take_point(bytes);
    const double angle = bytes.take<std::uint8_t>() * (3.141592653589793 / 64.0);
    Ring ring;
    for (const auto [u, v] : {Point{-1, -1}, Point{1, -1}, Point{1, 1}, Point{-1, 1}}) {
        const double x = u * half[0];
        const double y = v * half[1];
        ring.push_back({center[0] + x * std::cos(angle) - y * std::sin(angle),
                        center[1] + x * std::sin(angle) + y * std::cos(angle)});
    }
    return {{ring}};
}

/// A mask of any runs; three of four add up to its size.
inline Mask take_mask(Bytes& bytes) {
    Mask mask{bytes.from_1_to(40), bytes.from_1_to(40), {}};
    std::int64_t rest = mask.height * mask.width;
    const std::uint8_t choice = bytes.take<std::uint8_t>();
    for (int runs = choice % 16; runs > 0; --runs) {
        const std::int64_t run = std::min<std::int64_t>(bytes.take<std::uint8_t>(), rest);
        mask.runs.push_back(run);
        rest -= run;
    }
    mask.runs.push_back(choice < 192 ? rest : bytes.take<std::int64_t>());
    return mask;
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
