// libFuzzer: any bytes become a batch of boxes, points or polygons, counted twice: all at once by threads,
// and one by one. Both must agree, and the sanitizers must have nothing to say. What polygons cover of a cell
// is no more than all of it, and nothing where they do not touch it.
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "shapes.hpp"

using namespace heatgrid::check;
using heatgrid::Grid;
using heatgrid::Rule;

namespace {

// Reads numbers from the fuzzer's bytes; zeros when they are used up.
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

    // Mostly an eighth of a cell, about the grid, so that ties are frequent; sometimes any double at all.
    double coordinate() {
        const auto tag = take<std::uint8_t>();
        return tag < 240 ? (tag - 16) / 8.0 : take<double>();
    }

  private:
    const std::uint8_t* data_;
    std::size_t left_;
};

Point take_point(Bytes& bytes) {
    const double x = bytes.coordinate();
    return {x, bytes.coordinate()};
}

Box take_box(Bytes& bytes) {
    const Point first = take_point(bytes);
    const Point second = take_point(bytes);
    return {first[0], first[1], second[0], second[1]};
}

// A byte before each vertex says whether it goes on with the ring or begins a ring, a part, or the next
// polygon.
Polygon take_polygon(Bytes& bytes) {
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

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

template <class Shape, class Take>
std::vector<Shape> check_batch(Bytes& bytes, Grid grid, Options options, const Take& take) {
    std::vector<Shape> shapes;
    while (!bytes.empty()) {
        shapes.push_back(take(bytes));
        options.labels.push_back(static_cast<std::int64_t>(shapes.size() % options.classes));
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
        require(is_hit == (one.outcomes.front() <= heatgrid::Outcome::fallback),
                "what is counted hits a cell");
    }
    require(sum == together.values, "a batch is the sum of its annotations");
    return shapes;
}

void check_cover(Grid grid, const std::vector<Polygon>& polygons) {
    constexpr double rounding = 1e-9;
    for (const Polygon& polygon : polygons) {
        Options options;
        options.rule = Rule::area;
        const Summed covered = sum(grid, std::vector<Polygon>{polygon}, options);
        options.rule = Rule::touch;
        const Counted touched = count(grid, std::vector<Polygon>{polygon}, options);
        for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
            const double share = covered.values[cell];
            require(share >= 0.0 && share <= 1.0 + rounding, "a share is between nothing and all");
            require(share <= rounding || touched.values[cell] == 1, "what is covered is touched");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    const Grid grid{bytes.from_1_to(24), bytes.from_1_to(80)};
    Options options;
    options.classes = static_cast<std::size_t>(bytes.from_1_to(3));
    options.threads = static_cast<std::size_t>(bytes.from_1_to(3));
    const std::uint8_t choice = bytes.take<std::uint8_t>();
    options.rule = static_cast<Rule>(choice % 3);
    if (choice & 64) options.large_box_ratio = 0.25;
    if (choice & 128) options.outside = heatgrid::OutsidePoints::clamp;
    switch (bytes.take<std::uint8_t>() % 3) {
        case 0:
            check_batch<Box>(bytes, grid, options, take_box);
            break;
        case 1:
            check_batch<Point>(bytes, grid, options, take_point);
            break;
        default:
            check_cover(grid, check_batch<Polygon>(bytes, grid, options, take_polygon));
    }
    return 0;
}
