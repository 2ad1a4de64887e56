// Storage of difference grids: regular cells, and narrow cells that spill into wide ones.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatgrid {

/// Adds with wrap-around; whether the sum overflowed. `Cell` is narrower than int.
template <class Cell>
[[nodiscard]] inline bool add_overflows(Cell& cell, Cell amount) noexcept {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_add_overflow(cell, amount, &cell);
#else
    const int sum = cell + amount;
    cell = static_cast<Cell>(sum);
    return sum != cell;
#endif
}

/// Cells of one type, for sums of weights.
template <class Value>
class PlainCells {
  public:
    using Amount = Value;

    PlainCells(std::size_t rows, std::size_t stride) : stride_(stride), cells_(rows * stride, Value{}) {}

    /// Calls use(add), where add(cell, amount) changes a cell.
    template <class Use>
    void edit(const Use& use) noexcept {
        use([cells = cells_.data()](std::size_t cell, const Value& amount) { cells[cell] += amount; });
    }

    void merge(const PlainCells& other) noexcept {
        for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i] += other.cells_[i];
    }

    /// Adds a row to `sums`, and clears it.
    void take_row(std::size_t row, Value* sums) noexcept {
        Value* const cells = cells_.data() + row * stride_;
        for (std::size_t c = 0; c < stride_; ++c) sums[c] += cells[c];
        std::fill_n(cells, stride_, Value{});
    }

  private:
    std::size_t stride_;
    std::vector<Value> cells_;
};

/// Narrow cells of 8 or 16 bits, which stay in the nearer caches. A narrow cell that overflows wraps around,
/// and a wide cell takes the carry. A row gets wide cells when its first cell overflows. Sums are modulo
/// 2^32.
///
/// An overflow costs one test per addition, and occurs at most once per 2^7 additions to a cell.
class SpillingCells {
  public:
    using Amount = std::int32_t;  // -1 or 1

    /// Overflow of a narrow cell, upwards or downwards.
    struct Carry {
        std::uint32_t cell;
        bool is_below;
    };

    SpillingCells(std::size_t rows, std::size_t stride) : stride_(stride), wide_(rows) {
        // On few cells, bytes would spill too often.
        constexpr std::size_t busy_cells = 8192;
        if (rows * stride <= busy_cells) {
            words_.assign(rows * stride, 0);
        } else {
            bytes_.assign(rows * stride, 0);
        }
    }

    /// Calls use(cells) with the narrow cells, std::int8_t* or std::int16_t*. What overflows there must be
    /// handed to `carry`.
    template <class Use>
    void with_narrow(const Use& use) {
        if (bytes_.empty()) {
            use(words_.data());
        } else {
            use(bytes_.data());
        }
    }

    /// Calls use(add), where add(cell, amount) adds 1 or -1.
    template <class Use>
    void edit(const Use& use) {
        with_narrow([&](auto* cells) {
            use([this, cells](std::size_t cell, Amount amount) { add(cells, cell, amount); });
        });
    }

    void carry(const Carry& carried) { carry(carried.cell, carried.is_below); }

    /// Adds any amount, modulo 2^32.
    void add_wide(std::size_t cell, std::uint32_t amount);

    void merge(const SpillingCells& other) {
        for (std::size_t i = 0; i < bytes_.size(); ++i) merge(bytes_.data(), i, other.bytes_[i]);
        for (std::size_t i = 0; i < words_.size(); ++i) merge(words_.data(), i, other.words_[i]);
        for (std::size_t row = 0; row < wide_.size(); ++row) {
            if (!other.wide_[row].empty()) add_to(wide_row(row), other.wide_[row].data());
        }
    }

    /// Adds a row to `sums`, and clears it.
    void take_row(std::size_t row, std::uint32_t* sums) {
        with_narrow([&](auto* cells) {
            add_to(sums, cells + row * stride_);
            std::fill_n(cells + row * stride_, stride_, 0);
        });
        if (wide_[row].empty()) return;
        add_to(sums, wide_[row].data());
        wide_[row].clear();
    }

  private:
    template <class Cell>
    void add(Cell* cells, std::size_t cell, int amount) {
        if (add_overflows(cells[cell], static_cast<Cell>(amount))) carry(cell, amount < 0);
    }

    void carry(std::size_t cell, bool is_below);

    template <class Cell>
    void merge(Cell* cells, std::size_t cell, Cell other) {
        if (other != 0) add(cells, cell, other);
    }

    std::uint32_t* wide_row(std::size_t row);

    template <class Cell>
    void add_to(std::uint32_t* sums, const Cell* cells) const noexcept {
        for (std::size_t c = 0; c < stride_; ++c) sums[c] += static_cast<std::uint32_t>(cells[c]);
    }

    std::size_t stride_;
    std::vector<std::int8_t> bytes_;  // one of the two is empty
    std::vector<std::int16_t> words_;
    std::vector<std::vector<std::uint32_t>> wide_;  // by row; empty while none of its cells has spilled
};

}  // namespace heatgrid
