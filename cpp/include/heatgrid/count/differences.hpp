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
#include <type_traits>
#include <vector>

#include "heatgrid/count/fixed.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

// The most shapes that may go in between two flushes.
inline constexpr std::size_t flush_limit = (std::size_t{1} << 31) - 1;

// Up to so many cells of a plane, moving what gathered in front of it costs little beside a few additions a
// shape; and up to so many, beside all the rows of one.
inline constexpr std::size_t few_cells = std::size_t{1} << 16;
inline constexpr std::size_t many_cells = std::size_t{1} << 23;

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
    // `front_cells`: planes of more cells have no front, see below.
    Differences(Grid grid, std::size_t planes, std::size_t front_cells = few_cells)
        : grid_(grid),
          stride_(static_cast<std::size_t>(grid.columns) + 1),
          plane_(stride_ * (static_cast<std::size_t>(grid.rows) + 1)),
          values_(plane_ * planes, Value{}) {
        if (std::is_integral_v<Value> && plane_ <= front_cells) front_.assign(plane_, 0);
    }

    template <class Shape>
    void add(std::size_t plane, const Shape& shape, Value amount) noexcept {
        add_to(values_.data() + plane * plane_, shape, amount);
    }

    // Many rectangles or runs into the first plane.
    template <class Shape>
    void add_all(const Shape* shapes, std::size_t count, Value amount) noexcept {
        if constexpr (std::is_integral_v<Value>) {
            if (!front_.empty()) {
                add_to_front(shapes, count, static_cast<std::int16_t>(amount));
                return;
            }
        }
        for (std::size_t i = 0; i < count; ++i) add_to(values_.data(), shapes[i], amount);
    }

    // The cells of one annotation, none of them twice: of runs or of a band.
    template <class CellsOfOne>
    void add_one(std::size_t plane, const CellsOfOne& cells, Value amount) noexcept {
        if constexpr (std::is_integral_v<Value>) {
            if (plane == 0 && !front_.empty()) {
                if (in_front_ == front_limit) move_back();
                ++in_front_;
                add_to(front_.data(), cells, static_cast<std::int16_t>(amount));
                return;
            }
        }
        add_to(values_.data() + plane * plane_, cells, amount);
    }

    // One amount a cell of a row, into the first plane.
    void add_row(std::int32_t row, const Value* amounts) noexcept {
        Value* const here = at(0, row);
        Value* const below = at(0, row + 1);
        Value before{};
        for (std::size_t c = 0; c + 1 < stride_; ++c) {
            here[c] += amounts[c] - before;
            below[c] -= amounts[c] - before;
            before = amounts[c];
        }
        here[stride_ - 1] -= before;
        below[stride_ - 1] += before;
    }

    // Takes over what another grid of the same planes holds.
    void merge(Differences& other) noexcept {
        other.move_back();
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
    // The first plane's differences gather in front, in 16-bit cells, half as large, as long as none can
    // overflow.
    static constexpr std::size_t front_limit = 32767;

    template <class Shape>
    void add_to_front(const Shape* shapes, std::size_t count, std::int16_t amount) noexcept {
        for (std::size_t done = 0; done < count;) {
            if (in_front_ == front_limit) move_back();
            const std::size_t end = done + std::min(count - done, front_limit - in_front_);
            in_front_ += end - done;
            for (; done < end; ++done) add_to(front_.data(), shapes[done], amount);
        }
    }

    template <class Cell>
    void add_to(Cell* cells, const Rectangle& r, Cell amount) const noexcept {
        Cell* top = cells + static_cast<std::size_t>(r.top) * stride_;
        Cell* bottom = cells + static_cast<std::size_t>(r.bottom) * stride_;
        raise(top[r.left], amount);
        raise(bottom[r.right], amount);
        lower(top[r.right], amount);
        lower(bottom[r.left], amount);
    }
    template <class Cell>
    void add_to(Cell* cells, const Run& run, Cell amount) const noexcept {
        Cell* row = cells + static_cast<std::size_t>(run.row) * stride_;
        raise(row[run.first], amount);
        lower(row[run.last], amount);
    }
    template <class Cell>
    void add_to(Cell* cells, const Runs& runs, Cell amount) const noexcept {
        for (const Run& run : runs) add_to(cells, run, amount);
    }
    template <class Cell>
    void add_to(Cell* cells, const Band& band, Cell amount) const noexcept {
        Cell* row = cells + static_cast<std::size_t>(band.top) * stride_;
        for (std::int32_t r = 0; r < band.rows; ++r, row += stride_) {
            const Run run = band.run(r);
            raise(row[run.first], amount);
            lower(row[run.last], amount);
        }
    }

    static void raise(Value& cell, Value amount) noexcept { cell += amount; }
    static void lower(Value& cell, Value amount) noexcept { cell -= amount; }
    static void raise(std::int16_t& cell, std::int16_t amount) noexcept {
        cell = static_cast<std::int16_t>(cell + amount);
    }
    static void lower(std::int16_t& cell, std::int16_t amount) noexcept {
        cell = static_cast<std::int16_t>(cell - amount);
    }

    void move_back() noexcept {
        if (in_front_ == 0) return;
        if constexpr (std::is_integral_v<Value>) {
            for (std::size_t i = 0; i < front_.size(); ++i) values_[i] += static_cast<Value>(front_[i]);
        }
        std::fill(front_.begin(), front_.end(), std::int16_t{0});
        in_front_ = 0;
    }

    [[nodiscard]] Value* at(std::size_t plane, std::int32_t row) noexcept {
        return values_.data() + plane * plane_ + static_cast<std::size_t>(row) * stride_;
    }

    template <class Write, class Read>
    void flush_rows(std::size_t plane, const Write& write, const Read& read) {
        move_back();
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
    std::vector<std::int16_t>
        front_;                 // empty for sums, and for grids so large that moving it back would cost
    std::size_t in_front_ = 0;  // shapes since it was moved back
};

}  // namespace heatgrid
