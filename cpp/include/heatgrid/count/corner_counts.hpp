// The corners of many boxes, as differences in cells of 8 or 16 bits, which nearer caches hold.
//
// What a cell has no room for moves to a wide cell of its row: a test an addition, and a move once in 2^7 or
// 2^15 of them. So no number of boxes is too large for narrow cells, and only rows that run over have wide
// ones. Those are summed modulo 2^32, as Differences are, under the same limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <variant>
#include <vector>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

class CornerCounts {
  public:
    // Coordinates of corners are words of 16 bits, with a sign, while boxes are added.
    [[nodiscard]] static bool fits(Grid grid) noexcept {
        constexpr std::int32_t most = std::numeric_limits<std::int16_t>::max() - 1;
        return grid.columns <= most && grid.rows <= most;
    }

    // A narrow cell that could not be raised, or lowered, by one more. It is 0 from then on.
    struct Carry {
        std::uint32_t cell;
        bool is_below;
    };

    // Precondition: the grid fits.
    explicit CornerCounts(Grid grid)
        : rows_(static_cast<std::size_t>(grid.rows) + 1),
          stride_(static_cast<std::size_t>(grid.columns) + 1),
          wide_(rows_) {
        // On few cells, bytes would run over too often.
        constexpr std::size_t busy_cells = 8192;
        if (rows_ * stride_ <= busy_cells) {
            cells_.emplace<Narrow<std::int16_t>>(rows_ * stride_);
        } else {
            cells_.emplace<Narrow<std::int8_t>>(rows_ * stride_);
        }
    }

    // Of a row's cells, one more than the grid's columns; there is one row more, too.
    [[nodiscard]] std::size_t stride() const noexcept { return stride_; }

    // Calls use(cells), which raises and lowers them by 1 and hands to `carry` what they had no room for.
    template <class Use>
    void with_cells(const Use& use) {
        std::visit([&](auto& cells) { use(cells.data()); }, cells_);
    }

    void add(const Rectangle& r) {
        with_cells([&](auto* cells) {
            change(cells, r.top, r.left, 1);
            change(cells, r.bottom, r.right, 1);
            change(cells, r.top, r.right, -1);
            change(cells, r.bottom, r.left, -1);
        });
    }

    // Adds 1 or -1 to one of the cells that with_cells hands out.
    template <class Cell>
    void change(Cell* cells, std::int32_t row, std::int32_t column, int amount) {
        const auto cell = static_cast<std::uint32_t>(static_cast<std::size_t>(row) * stride_ +
                                                     static_cast<std::size_t>(column));
        const int sum = cells[cell] + amount;
        if (sum == static_cast<Cell>(sum)) {
            cells[cell] = static_cast<Cell>(sum);
        } else {
            cells[cell] = 0;
            carry({cell, amount < 0});
        }
    }

    void carry(const Carry& carried) {
        with_cells([&](auto* cells) {
            using Limits = std::numeric_limits<std::remove_pointer_t<decltype(cells)>>;
            const int amount = carried.is_below ? Limits::min() - 1 : Limits::max() + 1;
            wide_row(carried.cell / stride_)[carried.cell % stride_] += static_cast<std::uint32_t>(amount);
        });
    }

    // Takes over what another grid of the same size holds.
    void merge(const CornerCounts& other) {
        std::visit(
            [&](auto& cells) {
                using Own = std::decay_t<decltype(cells)>;
                const Own& others = std::get<Own>(other.cells_);
                for (std::size_t row = 0; row < rows_; ++row) {
                    merge_row(row, cells.data() + row * stride_, others.data() + row * stride_);
                    if (!other.wide_[row].empty()) add_to(wide_row(row), other.wide_[row].data());
                }
            },
            cells_);
    }

    // Hands every row's sums of all differences down to it to take(row, sums).
    template <class Take>
    void drain(const Take& take) const {
        std::vector<std::uint32_t> sums(stride_, 0);
        std::visit(
            [&](const auto& cells) {
                for (std::size_t row = 0; row + 1 < rows_; ++row) {
                    add_to(sums.data(), cells.data() + row * stride_);
                    if (!wide_[row].empty()) add_to(sums.data(), wide_[row].data());
                    take(row, static_cast<const std::uint32_t*>(sums.data()));
                }
            },
            cells_);
    }

  private:
    template <class Cell>
    using Narrow = std::vector<Cell>;

    std::uint32_t* wide_row(std::size_t row) {
        if (wide_[row].empty()) wide_[row].assign(stride_, 0);
        return wide_[row].data();
    }

    template <class Cell>
    void merge_row(std::size_t row, Cell* cells, const Cell* others) {
        const auto has_room = [](int sum) { return sum == static_cast<Cell>(sum); };
        bool have_room = true;
        for (std::size_t c = 0; c < stride_; ++c) have_room &= has_room(cells[c] + others[c]);
        for (std::size_t c = 0; c < stride_; ++c) {
            if (have_room || has_room(cells[c] + others[c])) {
                cells[c] = static_cast<Cell>(cells[c] + others[c]);
            } else {
                wide_row(row)[c] += static_cast<std::uint32_t>(others[c]);
            }
        }
    }

    template <class Cell>
    void add_to(std::uint32_t* sums, const Cell* cells) const noexcept {
        for (std::size_t c = 0; c < stride_; ++c) sums[c] += static_cast<std::uint32_t>(cells[c]);
    }

    std::size_t rows_;
    std::size_t stride_;
    std::variant<Narrow<std::int8_t>, Narrow<std::int16_t>> cells_;
    std::vector<std::vector<std::uint32_t>> wide_;  // by row; empty while none of its cells has run over
};

}  // namespace heatgrid
