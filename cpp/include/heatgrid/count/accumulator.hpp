// Accumulator of one worker, and the amounts that shapes add.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <vector>

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

/// The largest magnitude of some counts, rounded up to a power of two.
class Magnitude {
  public:
    void include(const std::int64_t* counts, std::size_t size) noexcept {
        std::int64_t bits = 0;
        for (std::size_t i = 0; i < size; ++i) bits |= counts[i] ^ (counts[i] >> 63);
        bits_ |= bits;
    }
    /// Throws std::overflow_error unless there is room for more annotations than memory can hold.
    void check() const {
        if (bits_ >> 62 != 0) throw std::overflow_error("counts might not fit in int64");
    }

  private:
    std::int64_t bits_ = 0;
};

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

/// What is to be added to planes.
class Addition {
  public:
    virtual ~Addition() = default;
    /// Throws std::overflow_error unless every cell that `flush` changes is far from the limits of its type.
    virtual void check() const = 0;
    virtual void flush() = 0;
};

/// Collects shapes, and adds them to planes by a method when flushed.
template <class Amounts, class Shape>
class Accumulator final : public Addition {
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
                painted_.push_back({plane, shape, amount});
                return;
            }
            method_ = Method::differences;
            for (const Painted& p : painted_) differences()->add(p.plane, p.shape, p.amount);
            painted_.clear();
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

    /// Adds the shapes of another worker, neither painting: sums must be complete before they are rounded.
    void merge(const Accumulator& other) {
        if (other.differences_) differences()->merge(*other.differences_);
    }

    void check() const override {
        if constexpr (std::is_integral_v<Cell>) {
            Magnitude largest;
            for (const Painted& p : painted_) {
                for_each_row(p, [&](const Cell* cells, std::size_t size) { largest.include(cells, size); });
            }
            if (differences_) largest.include(planes_.values, planes_.cells());
            largest.check();
        }
    }

    void flush() override {
        for (const Painted& p : painted_) {
            for_each_row(p, [&](Cell* cells, std::size_t size) {
                if constexpr (std::is_integral_v<Cell>) {
                    for (std::size_t c = 0; c < size; ++c) cells[c] += p.amount;
                }
            });
        }
        painted_.clear();
        if (!differences_) return;
        for (std::size_t plane = 0; plane < planes_.classes; ++plane) {
            Cell* const cells = planes_.plane(plane);
            differences_->template flush<Shape>(
                plane, [&](std::size_t cell, const Value& sum) { cells[cell] += amounts_.cell(sum); });
        }
    }

  private:
    struct Painted {
        std::size_t plane;
        Shape shape;
        Amount amount;
    };

    [[nodiscard]] static Rectangle rectangle_of(const Rectangle& r) noexcept { return r; }
    [[nodiscard]] static Rectangle rectangle_of(const Run& run) noexcept {
        return {run.first, run.last, run.row, run.row + 1};
    }

    // Calls use(cells, size) for the cells of each row.
    template <class Use>
    void for_each_row(const Painted& painted, const Use& use) const {
        const Rectangle r = rectangle_of(painted.shape);
        for (std::int32_t row = r.top; row < r.bottom; ++row) {
            use(planes_.plane(painted.plane) +
                    static_cast<std::size_t>(row) * static_cast<std::size_t>(planes_.grid.columns) + r.left,
                static_cast<std::size_t>(r.right - r.left));
        }
    }

    Planes<Cell> planes_;
    Amounts amounts_;
    Method method_;
    std::size_t budget_;  // of cells to paint
    std::vector<Painted> painted_;
    std::optional<DifferenceGrid<Value>> differences_;
};

}  // namespace heatgrid
