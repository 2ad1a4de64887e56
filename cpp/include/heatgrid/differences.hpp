// Difference grids: adding a rectangle or a run of any size costs a few additions; one pass of prefix sums
// at the end turns the differences into counts.
//
// Counts are summed modulo 2^32, so intermediate wraps cancel and a plane is right as long as fewer than 2^31
// shapes went in since the last flush; weights and areas are summed as fixed-point numbers, exactly. Every
// plane has one column and one row more than the grid, where the shapes that reach the far edges end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/fixed.hpp"
#include "heatgrid/grid.hpp"

namespace heatgrid {

// The most shapes that may go in between two flushes.
inline constexpr std::size_t flush_limit = (std::size_t{1} << 31) - 1;

// Where results go: a C-contiguous array of (classes, rows, columns), to which is added.
template <class Cell>
struct Planes {
    Cell* values = nullptr;
    std::size_t classes = 1;
    Grid grid;

    [[nodiscard]] Cell* plane(std::size_t index) const noexcept { return values + index * grid.cells(); }
    [[nodiscard]] std::size_t cells() const noexcept { return classes * grid.cells(); }
};

using Counts = Planes<std::int64_t>;
using Sums = Planes<double>;

template <class Value>
class Differences {
  public:
    Differences(Grid grid, std::size_t planes)
        : grid_(grid),
          stride_(static_cast<std::size_t>(grid.columns) + 1),
          plane_(stride_ * (static_cast<std::size_t>(grid.rows) + 1)),
          values_(plane_ * planes, Value{}) {}

    void add(std::size_t plane, const Rectangle& r, Value amount) noexcept {
        Value* top = at(plane, r.top);
        Value* bottom = at(plane, r.bottom);
        top[r.left] += amount;
        top[r.right] -= amount;
        bottom[r.left] -= amount;
        bottom[r.right] += amount;
    }

    // Many rectangles into the first plane.
    void add_all(const Rectangle* rectangles, std::size_t count, Value amount) noexcept {
        Value* const values = values_.data();
        const std::size_t stride = stride_;
        for (std::size_t i = 0; i < count; ++i) {
            const Rectangle& r = rectangles[i];
            Value* top = values + static_cast<std::size_t>(r.top) * stride;
            Value* bottom = values + static_cast<std::size_t>(r.bottom) * stride;
            top[r.left] += amount;
            top[r.right] -= amount;
            bottom[r.left] -= amount;
            bottom[r.right] += amount;
        }
    }

    void add(std::size_t plane, const Run& run, Value amount) noexcept {
        Value* row = at(plane, run.row);
        row[run.first] += amount;
        row[run.last] -= amount;
    }

    // Many runs into one plane.
    void add_all(std::size_t plane, const Runs& runs, Value amount) noexcept {
        Value* const values = at(plane, 0);
        const std::size_t stride = stride_;
        for (const Run& run : runs) {
            Value* row = values + static_cast<std::size_t>(run.row) * stride;
            row[run.first] += amount;
            row[run.last] -= amount;
        }
    }

    // Takes over what another grid of the same planes holds.
    void merge(const Differences& other) noexcept {
        for (std::size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
    }

    // Hand `plane` to `write(cell, sum)`, row by row, and leave it empty: one or the other, by what went in.
    template <class Write>
    void flush(std::size_t plane, const Rectangle&, const Write& write) {
        std::vector<Value> column_sums(stride_, Value{});
        flush_rows(plane, write, [&](const Value* row) {
            for (std::size_t c = 0; c < stride_; ++c) column_sums[c] += row[c];
            return column_sums.data();
        });
    }
    template <class Write>
    void flush(std::size_t plane, const Run&, const Write& write) {
        flush_rows(plane, write, [](const Value* row) { return row; });
    }

  private:
    [[nodiscard]] Value* at(std::size_t plane, std::int32_t row) noexcept {
        return values_.data() + plane * plane_ + static_cast<std::size_t>(row) * stride_;
    }

    template <class Write, class Read>
    void flush_rows(std::size_t plane, const Write& write, const Read& read) {
        const auto columns = static_cast<std::size_t>(grid_.columns);
        std::size_t cell = 0;
        for (std::int32_t r = 0; r < grid_.rows; ++r) {
            const Value* row = read(at(plane, r));
            Value sum{};
            for (std::size_t c = 0; c < columns; ++c) {
                sum += row[c];
                write(cell + c, sum);
            }
            cell += columns;
        }
        std::fill_n(at(plane, 0), plane_, Value{});
    }

    Grid grid_;
    std::size_t stride_;
    std::size_t plane_;
    std::vector<Value> values_;
};

}  // namespace heatgrid
