// Difference grid: a rectangle or run of any size costs a few additions; prefix sums recover the counts.
//
// Also known as summed differences, the inverse of summed-area tables (F. C. Crow, "Summed-Area Tables for
// Texture Mapping", SIGGRAPH 1984).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

/// The most shapes between two flushes, since counts are summed modulo 2^32.
inline constexpr std::size_t flush_limit = (std::size_t{1} << 31) - 1;

/// Destination of counts or sums: a C-contiguous array of (classes, rows, columns), to which is added.
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

/// Differences of some planes. `Value` is the type of the sums: std::uint32_t for counts modulo 2^32, which
/// are exact for up to `flush_limit` shapes; Fixed for exact sums of weights.
///
/// A plane holds either rectangles or runs between two flushes. Every plane has one column and one row more
/// than the grid, for shapes that reach its far edges.
template <class Value>
class DifferenceGrid {
  public:
    using Amount = std::conditional_t<std::is_integral_v<Value>, std::int32_t, Value>;

    explicit DifferenceGrid(Grid grid, std::size_t planes = 1)
        : grid_(grid),
          rows_(static_cast<std::size_t>(grid.rows) + 1),
          stride_(static_cast<std::size_t>(grid.columns) + 1),
          cells_(planes * rows_ * stride_, Value{}) {}

    /// Adds the cells of a rectangle, run, list of runs or block, none of them twice.
    template <class Shape>
    void add(std::size_t plane, const Shape& shape, const Amount& amount) {
        add_all(plane, &shape, 1, amount);
    }

    /// Adds several shapes of the same amount.
    template <class Shape>
    void add_all(std::size_t plane, const Shape* shapes, std::size_t count, const Amount& amount) {
        add_each(shapes, count, [=](std::size_t) { return plane; }, [=](std::size_t) { return amount; });
    }

    /// Adds several shapes: shape i to plane_of(i), its amount amount_of(i).
    template <class Shape, class PlaneOf, class AmountOf>
    void add_each(const Shape* shapes, std::size_t count, PlaneOf plane_of, AmountOf amount_of) {
        const std::size_t stride = stride_;
        const std::size_t cells = rows_ * stride;
        Value* const values = cells_.data();
        for (std::size_t i = 0; i < count; ++i) {
            add_to(values + plane_of(i) * cells, stride, shapes[i], static_cast<Value>(amount_of(i)));
        }
    }

    /// Adds one amount per cell of a row to the first plane, which holds rectangles.
    void add_row(std::int32_t row, const std::uint32_t* amounts) {
        const std::size_t here = static_cast<std::size_t>(row) * stride_;
        std::uint32_t before = 0;
        for (std::size_t c = 0; c < stride_; ++c) {
            const std::uint32_t amount = c + 1 < stride_ ? amounts[c] : 0;
            cells_[here + c] += amount - before;
            cells_[here + stride_ + c] += before - amount;
            before = amount;
        }
    }

    /// Number of cells per row, one more than the grid has columns.
    [[nodiscard]] std::size_t stride() const noexcept { return stride_; }
    /// For code that changes cells of the first plane by itself.
    [[nodiscard]] Value* cells() noexcept { return cells_.data(); }

    /// Adds the differences of another grid of the same size.
    void merge(const DifferenceGrid& other) noexcept {
        for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
    }

    /// Calls write(cell, sum) for every cell of a plane, and clears the plane. `Shape` is what it holds:
    /// Rectangle or Run.
    template <class Shape, class Write>
    void flush(std::size_t plane, const Write& write) {
        std::vector<Value> sums(stride_, Value{});
        const auto columns = static_cast<std::size_t>(grid_.columns);
        std::size_t cell = 0;
        for (std::size_t row = 0; row < rows_; ++row) {
            if constexpr (std::is_same_v<Shape, Run>) std::fill(sums.begin(), sums.end(), Value{});
            Value* const differences = cells_.data() + (plane * rows_ + row) * stride_;
            for (std::size_t c = 0; c < stride_; ++c) sums[c] += differences[c];
            std::fill_n(differences, stride_, Value{});
            if (row + 1 == rows_) break;
            Value sum{};
            for (std::size_t c = 0; c < columns; ++c) {
                sum += sums[c];
                write(cell + c, sum);
            }
            cell += columns;
        }
    }

  private:
    static void add_to(Value* plane, std::size_t stride, Rectangle r, Value amount) noexcept {
        Value* const top = plane + static_cast<std::size_t>(r.top) * stride;
        Value* const bottom = plane + static_cast<std::size_t>(r.bottom) * stride;
        top[r.left] += amount;
        bottom[r.right] += amount;
        top[r.right] -= amount;
        bottom[r.left] -= amount;
    }
    static void add_to(Value* plane, std::size_t stride, Run run, Value amount) noexcept {
        Value* const row = plane + static_cast<std::size_t>(run.row) * stride;
        row[run.first] += amount;
        row[run.last] -= amount;
    }
    static void add_to(Value* plane, std::size_t stride, Runs runs, Value amount) noexcept {
        for (const Run run : runs) add_to(plane, stride, run, amount);
    }
    static void add_to(Value* plane, std::size_t stride, SpanBlock block, Value amount) noexcept {
        Value* row = plane + static_cast<std::size_t>(block.top) * stride;
        for (std::int32_t r = 0; r < block.rows; ++r, row += stride) {
            const Run run = block.run(r);
            row[run.first] += amount;
            row[run.last] -= amount;
        }
    }

    Grid grid_;
    std::size_t rows_;
    std::size_t stride_;
    std::vector<Value> cells_;
};

}  // namespace heatgrid
