// Cells on the boundary of one part: those that it passes through, and its crossings with the upper lines of
// rows, which tell whether the cells between are inside.
//
// Two bits per cell. One additional row takes what lies above or below the grid, one additional column the
// crossings right of it. O(words) per insertion; consuming the set is proportional to the part's extent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/bits.hpp"

namespace heatgrid {

class BoundarySet {
  public:
    explicit BoundarySet(Grid grid)
        : rows_(static_cast<std::uint32_t>(grid.rows)),
          stride_(static_cast<std::size_t>(grid.columns) / 64 + 1),
          words_(stride_ * (static_cast<std::size_t>(grid.rows) + 1), Word{0, 0}) {}

    /// A path along the boundary: indices of its vertices and of its crossings with lines between rows.
    /// Columns are in the grid; rows may be adjacent to it.
    void add(const DoubledIndex* rows, const DoubledIndex* columns, std::size_t count) noexcept {
        for (std::size_t i = 1; i < count; ++i) add_piece(rows[i - 1], columns[i - 1], rows[i], columns[i]);
    }

    /// Calls take(row, first, last) for every maximal run of the part, row by row, and clears the set.
    /// `extent` contains everything that was added, clipped to the grid.
    template <class Take>
    void consume(const Rectangle& extent, Take&& take) {
        const auto begin = static_cast<std::size_t>(extent.left) / 64;
        const auto end = static_cast<std::size_t>(extent.right) / 64 + 1;
        for (std::int32_t row = extent.top; row < extent.bottom; ++row) {
            Word* const words = words_.data() + static_cast<std::size_t>(row) * stride_;
            std::int32_t first = -1;
            std::uint64_t inside = 0;  // all ones after an odd number of crossings
            for (std::size_t w = begin; w < end; ++w) {
                inside ^= prefix_parity(words[w].crossings);
                const std::uint64_t cells = words[w].passed | inside;
                inside = std::uint64_t{0} - (inside >> 63);
                words[w] = {0, 0};
                std::uint64_t edges = cells ^ (cells << 1 | static_cast<std::uint64_t>(first >= 0));
                for (; edges; edges &= edges - 1) {
                    const std::int32_t column = static_cast<std::int32_t>(w * 64) + lowest_bit(edges);
                    if (first >= 0) take(row, first, column);
                    first = first >= 0 ? -1 : column;
                }
            }
        }
    }

  private:
    struct Word {
        std::uint64_t passed;
        std::uint64_t crossings;
    };

    // The part of an edge within one row; the row includes its upper line, not the lower one.
    void add_piece(DoubledIndex row, DoubledIndex column, DoubledIndex next_row,
                   DoubledIndex next_column) noexcept {
        const DoubledIndex upper = smaller(row, next_row);
        const bool is_level = row == next_row;
        const bool is_crossing = is_on_line(upper) & !is_level;
        const DoubledIndex crossed =
            column ^ ((column ^ next_column) & -static_cast<DoubledIndex>(next_row < row));
        const auto crossing = static_cast<std::uint32_t>(line_after(crossed));
        const auto first = static_cast<std::uint32_t>(line_before(smaller(column, next_column)));
        const auto last = static_cast<std::uint32_t>(line_after(greater(column, next_column)));
        // Row -1 becomes a large number, too.
        const std::uint32_t at = std::min(static_cast<std::uint32_t>(line_before(upper)), rows_);
        Word* const words = words_.data() + at * stride_;
        words[crossing / 64].crossings ^= std::uint64_t{is_crossing} << (crossing % 64);
        if ((first == last) | (is_level & is_on_line(upper))) return;
        const std::uint64_t head = ~std::uint64_t{0} << (first % 64);
        const std::uint64_t tail = ~std::uint64_t{0} >> ((64 - last % 64) % 64);
        std::uint32_t w = first / 64;
        const std::uint32_t end = (last - 1) / 64;
        if (w == end) {
            words[w].passed |= head & tail;
            return;
        }
        words[w].passed |= head;
        while (++w < end) words[w].passed = ~std::uint64_t{0};
        words[w].passed |= tail;
    }

    std::uint32_t rows_;
    std::size_t stride_;
    std::vector<Word> words_;
};

}  // namespace heatgrid
