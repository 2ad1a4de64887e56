// Where one worker's shapes go, and what each adds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "heatgrid/count/corner_counts.hpp"
#include "heatgrid/count/differences.hpp"
#include "heatgrid/count/fixed.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

[[nodiscard]] inline std::size_t size_of(const Rectangle& r) noexcept {
    return static_cast<std::size_t>(r.right - r.left) * static_cast<std::size_t>(r.bottom - r.top);
}
[[nodiscard]] inline std::size_t size_of(const Run& run) noexcept {
    return static_cast<std::size_t>(run.last - run.first);
}

// Every annotation adds 1, into int64 counts.
struct Ones {
    using Value = std::uint32_t;
    using Cell = std::int64_t;

    [[nodiscard]] Value operator()(std::size_t) const noexcept { return 1; }
    // Below zero where what overlapped is taken off a rectangle that was painted.
    [[nodiscard]] Cell cell(Value sum) const noexcept { return static_cast<std::int32_t>(sum); }
};

// Every annotation adds its weight, or a share of it, into float64 sums.
struct Weights {
    using Value = Fixed;
    using Cell = double;

    const double* weights;  // null: 1 each
    Scale scale;

    [[nodiscard]] double weight(std::size_t annotation) const noexcept {
        return weights ? weights[annotation] : 1.0;
    }
    [[nodiscard]] Value operator()(std::size_t annotation) const noexcept {
        return scale.from_double(weight(annotation));
    }
    [[nodiscard]] Value share(std::size_t annotation, double fraction) const noexcept {
        return scale.from_double(weight(annotation) * fraction);
    }
    [[nodiscard]] Cell cell(Value sum) const noexcept { return scale.to_double(sum); }
};

// Takes one worker's shapes: paints them while that is cheaper than a pass over the grid, then keeps
// differences. Sums are never painted, since adding doubles one by one would make them depend on the order.
template <class Amounts, class Shape>
class Sink {
  public:
    using Value = typename Amounts::Value;
    using Cell = typename Amounts::Cell;

    Sink(const Planes<Cell>& planes, const Amounts& amounts, bool may_paint)
        : planes_(planes),
          amounts_(amounts),
          budget_(may_paint && std::is_integral_v<Value> ? planes.cells() : 0),
          paints_(budget_ > 0) {}

    void add(std::size_t plane, const Shape& shape, Value amount) {
        if (paints_) {
            const std::size_t cells = size_of(shape);
            if (cells <= budget_) {
                budget_ -= cells;
                paint(plane, shape, amount);
                return;
            }
            paints_ = false;
        }
        differences()->add(plane, shape, amount);
    }

    // The cells of one annotation.
    void add_all(std::size_t plane, const Runs& runs, Value amount) {
        if (paints_) {
            for (const Run& run : runs) add(plane, run, amount);
        } else {
            differences()->add_one(plane, runs, amount);
        }
    }

    void add_all(std::size_t plane, const Band& band, Value amount) {
        if (!paints_) {
            differences()->add_one(plane, band, amount);
            return;
        }
        for (std::int32_t r = 0; r < band.rows; ++r) {
            const Run run = band.run(r);
            if (run.first < run.last) add(plane, run, amount);
        }
    }

    // For many shapes in a row: null while painting.
    [[nodiscard]] Differences<Value>* differences() {
        if (paints_) return nullptr;
        if (!differences_) {
            differences_.emplace(planes_.grid, planes_.classes,
                                 std::is_same_v<Shape, Run> ? many_cells : few_cells);
        }
        return &*differences_;
    }

    // For many boxes that add 1 each, to the only plane: another way in, beside add.
    [[nodiscard]] bool takes_corners() const noexcept { return !paints_ && planes_.classes == 1; }
    [[nodiscard]] CornerCounts& corners() {
        if (!corners_) corners_.emplace(planes_.grid);
        return *corners_;
    }

    [[nodiscard]] const Amounts& amounts() const noexcept { return amounts_; }

    // Takes over another worker's shapes, neither having painted; sums must be whole before they are rounded.
    void merge(Sink& other) {
        if (other.differences_) differences()->merge(*other.differences_);
        if (other.corners_) corners().merge(*other.corners_);
    }

    void flush() {
        if (corners_) flush_corners();
        if (!differences_) return;
        for (std::size_t plane = 0; plane < planes_.classes; ++plane) {
            Cell* const cells = planes_.plane(plane);
            differences_->flush(plane, Shape{},
                                [&](std::size_t cell, Value sum) { cells[cell] += amounts_.cell(sum); });
        }
    }

  private:
    void flush_corners() {
        const auto columns = static_cast<std::size_t>(planes_.grid.columns);
        corners_->drain([&](std::size_t row, const std::uint32_t* sums) {
            Cell* const cells = planes_.plane(0) + row * columns;
            std::uint32_t sum = 0;
            for (std::size_t c = 0; c < columns; ++c) {
                sum += sums[c];
                cells[c] += static_cast<std::int32_t>(sum);
            }
        });
        corners_.reset();
    }

    void paint(std::size_t plane, const Run& run, Value amount) noexcept {
        Cell* row = planes_.plane(plane) +
                    static_cast<std::size_t>(run.row) * static_cast<std::size_t>(planes_.grid.columns);
        if constexpr (std::is_integral_v<Value>) {
            for (std::int32_t c = run.first; c < run.last; ++c) row[c] += static_cast<std::int32_t>(amount);
        }
    }
    void paint(std::size_t plane, const Rectangle& r, Value amount) noexcept {
        for (std::int32_t row = r.top; row < r.bottom; ++row) paint(plane, Run{row, r.left, r.right}, amount);
    }

    Planes<Cell> planes_;
    Amounts amounts_;
    std::size_t budget_;
    bool paints_;
    std::optional<Differences<Value>> differences_;
    std::optional<CornerCounts> corners_;
};

}  // namespace heatgrid
