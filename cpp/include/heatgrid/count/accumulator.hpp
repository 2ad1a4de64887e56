// Accumulator of one worker, and the amounts that shapes add.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "heatgrid/count/bit_plane_counter.hpp"
#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/count/fixed.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

[[nodiscard]] inline std::size_t size_of(const Rectangle& r) noexcept {
    return static_cast<std::size_t>(r.right - r.left) * static_cast<std::size_t>(r.bottom - r.top);
}
[[nodiscard]] inline std::size_t size_of(const Run& run) noexcept {
    return static_cast<std::size_t>(run.last - run.first);
}

/// Every annotation adds 1 to int64 counts.
struct Ones {
    using Value = std::uint32_t;
    using Cell = std::int64_t;

    [[nodiscard]] std::int32_t operator()(std::size_t) const noexcept { return 1; }
    /// Negative where overlaps were subtracted from a rectangle that was painted.
    [[nodiscard]] Cell cell(Value sum) const noexcept { return static_cast<std::int32_t>(sum); }
};

/// Every annotation adds its weight, or a share of it, to float64 sums.
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

/// How shapes are added to planes.
enum class Method : std::uint8_t {
    painting,     ///< cell by cell, while that is cheaper than a pass over the grid; then by differences
    differences,  ///< by a difference grid
    bit_planes,   ///< images of three or more boxes by a counter of bit planes, all else by differences
};

/// The quickest method. Only counts of one worker are painted: sums that are rounded cell by cell would
/// depend on the order.
template <class Amounts, class Shape>
[[nodiscard]] Method choose_method(const Planes<typename Amounts::Cell>& planes, std::size_t shapes,
                                   std::size_t workers, bool unites_images) noexcept {
    if constexpr (std::is_integral_v<typename Amounts::Value>) {
        if (workers == 1 && shapes * 16 <= planes.cells()) return Method::painting;
        if (std::is_same_v<Shape, Rectangle> && unites_images && BitPlaneCounter::fits(planes.grid) &&
            shapes / workers >= planes.grid.cells()) {
            return Method::bit_planes;
        }
    }
    return Method::differences;
}

/// Adds shapes to planes by a method.
template <class Amounts, class Shape>
class Accumulator {
  public:
    using Value = typename Amounts::Value;
    using Cell = typename Amounts::Cell;
    using Amount = typename DifferenceGrid<Value>::Amount;

    Accumulator(const Planes<Cell>& planes, const Amounts& amounts, Method method)
        : planes_(planes), amounts_(amounts), method_(method), budget_(planes.cells()) {}

    [[nodiscard]] Method method() const noexcept { return method_; }

    void add(std::size_t plane, const Shape& shape, const Amount& amount) {
        if (method_ == Method::painting) {
            const std::size_t cells = size_of(shape);
            if (cells <= budget_) {
                budget_ -= cells;
                paint(plane, shape, amount);
                return;
            }
            method_ = Method::differences;
        }
        differences()->add(plane, shape, amount);
    }

    /// Adds the cells of one annotation, none of them twice.
    void add_all(std::size_t plane, const Runs& runs, const Amount& amount) {
        if (method_ != Method::painting) {
            differences()->add(plane, runs, amount);
            return;
        }
        for (const Run& run : runs) add(plane, run, amount);
    }
    void add_all(std::size_t plane, const SpanBlock& block, const Amount& amount) {
        if (method_ != Method::painting) {
            differences()->add(plane, block, amount);
            return;
        }
        for (std::int32_t r = 0; r < block.rows; ++r) {
            const Run run = block.run(r);
            if (run.first < run.last) add(plane, run, amount);
        }
    }

    /// The difference grid, for many shapes in a row; null while cells are painted.
    [[nodiscard]] DifferenceGrid<Value>* differences() {
        if (method_ == Method::painting) return nullptr;
        if (!differences_) differences_.emplace(planes_.grid, planes_.classes);
        return &*differences_;
    }

    [[nodiscard]] std::size_t classes() const noexcept { return planes_.classes; }
    [[nodiscard]] const Amounts& amounts() const noexcept { return amounts_; }

    /// Adds the shapes of another worker, neither having painted: sums must be complete before they are
    /// rounded.
    void merge(const Accumulator& other) {
        if (other.differences_) differences()->merge(*other.differences_);
    }

    void flush() {
        if (!differences_) return;
        for (std::size_t plane = 0; plane < planes_.classes; ++plane) {
            Cell* const cells = planes_.plane(plane);
            differences_->template flush<Shape>(
                plane, [&](std::size_t cell, const Value& sum) { cells[cell] += amounts_.cell(sum); });
        }
    }

  private:
    void paint(std::size_t plane, const Run& run, const Amount& amount) noexcept {
        Cell* const row = planes_.plane(plane) +
                          static_cast<std::size_t>(run.row) * static_cast<std::size_t>(planes_.grid.columns);
        if constexpr (std::is_integral_v<Value>) {
            for (std::int32_t c = run.first; c < run.last; ++c) row[c] += amount;
        }
    }
    void paint(std::size_t plane, const Rectangle& r, const Amount& amount) noexcept {
        for (std::int32_t row = r.top; row < r.bottom; ++row) paint(plane, Run{row, r.left, r.right}, amount);
    }

    Planes<Cell> planes_;
    Amounts amounts_;
    Method method_;
    std::size_t budget_;  // of cells to paint
    std::optional<DifferenceGrid<Value>> differences_;
};

}  // namespace heatgrid
