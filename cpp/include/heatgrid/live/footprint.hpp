// The cells that one track, or one frame, has hit already, as one bit a cell.
//
// Bits are kept for the bounding box of what was hit only, so that many tracks on a large grid stay small.
// Cost: a run is as many words as it spans; growing, by blocks of 64 rows and columns, copies the set.
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
    // Makes room for cells in these rows and columns. Precondition: the rectangle is not empty.
    void cover(const Rectangle& cells);

    // Adds a run, and hands the parts of it that were new to `take`. Precondition: its cells are covered.
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

    // Forgets all cells, and keeps the room.
    void clear() noexcept { std::fill(bits_.begin(), bits_.end(), 0); }

    [[nodiscard]] std::size_t bytes() const noexcept { return bits_.size() * sizeof(std::uint64_t); }

  private:
    [[nodiscard]] std::size_t words() const noexcept { return static_cast<std::size_t>(right_ - left_); }

    // Rows, and columns in words, that there are bits for.
    std::int32_t top_ = 0;
    std::int32_t bottom_ = 0;
    std::int32_t left_ = 0;
    std::int32_t right_ = 0;
    std::vector<std::uint64_t> bits_;
};

}  // namespace heatgrid
