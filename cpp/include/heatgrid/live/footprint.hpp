// Cells that one track, or one frame, has hit already: one bit per cell of their bounding box.
//
// O(words) per run; growth, by blocks of 64 rows and columns, copies the set.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/bits.hpp"

namespace heatgrid {

class Footprint {
  public:
    /// Makes room for cells in these rows and columns. Precondition: the rectangle is not empty.
    void cover(const Rectangle& cells);

    /// Adds a run, and calls take(run) for the parts of it that are new. Precondition: its cells are covered.
    template <class Take>
    void insert(const Run& run, Take&& take) noexcept {
        std::uint64_t* const row = bits_.data() + static_cast<std::size_t>(run.row - top_) * words();
        for (std::int32_t begin = run.first; begin < run.last;) {
            const std::int32_t word = begin / 64;
            const std::int32_t end = std::min(run.last, 64 * (word + 1));
            const std::uint64_t wanted = ~std::uint64_t{0} >> (64 - (end - begin)) << (begin % 64);
            std::uint64_t& known = row[word - left_];
            for (std::uint64_t fresh = wanted & ~known; fresh;) {
                const std::int32_t first = lowest_bit(fresh);
                const std::uint64_t after = ~(fresh >> first);
                const std::int32_t length = after ? lowest_bit(after) : 64;
                take(Run{run.row, 64 * word + first, 64 * word + first + length});
                fresh &= length + first < 64 ? ~std::uint64_t{0} << (length + first) : 0;
            }
            known |= wanted;
            begin = end;
        }
    }

    /// Removes all cells, and keeps the memory.
    void clear() noexcept { std::fill(bits_.begin(), bits_.end(), 0); }

    [[nodiscard]] std::size_t bytes() const noexcept { return bits_.size() * sizeof(std::uint64_t); }

  private:
    [[nodiscard]] std::size_t words() const noexcept { return static_cast<std::size_t>(right_ - left_); }

    // Rows and columns (in words) that have bits.
    std::int32_t top_ = 0;
    std::int32_t bottom_ = 0;
    std::int32_t left_ = 0;
    std::int32_t right_ = 0;
    std::vector<std::uint64_t> bits_;
};

}  // namespace heatgrid
