// Corners of the union of rectangles: the cells where its differences (difference_grid.hpp) are not 0.
//
// The rectangles are painted into a bit plane whose cells lie between neighboring edges of the rectangles
// (coordinate compression), or into one of the whole grid if it has fewer cells. A row's corners are the
// positions where its runs begin and end, unless those of the row above do so, too. Up to 32 rectangles:
// comparing all edges with each other, several at a time; above, a sort. One step per row and word of the
// plane that a rectangle spans, and per corner.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/bits.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

class RectangleUnion {
  public:
    explicit RectangleUnion(Grid grid) noexcept : grid_(grid) {}

    /// Calls take(row, column, amount), amount 1 or -1, per corner; a corner of weight 2 is passed twice.
    /// Empty rectangles are ignored.
    template <class Take>
    void unite(const Rectangle* rectangles, std::size_t count, const Take& take) {
        x_.edges.resize(2 * count + edges_at_once);
        y_.edges.resize(2 * count + edges_at_once);
        std::size_t edges = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const Rectangle& r = rectangles[i];
            if (r.left >= r.right || r.top >= r.bottom) continue;
            x_.edges[edges] = r.left;
            x_.edges[edges + 1] = r.right;
            y_.edges[edges] = r.top;
            y_.edges[edges + 1] = r.bottom;
            edges += 2;
        }
        const std::size_t columns = x_.number(edges, grid_.columns);
        const std::size_t rows = y_.number(edges, grid_.rows);
        const std::size_t words = (columns + 63) / 64;
        plane_.assign(words * rows, 0);
        for (std::size_t i = 0; i < edges; i += 2) {
            const auto first = static_cast<std::size_t>(x_.numbers[i]);
            const auto last = static_cast<std::size_t>(x_.numbers[i + 1]) - 1;
            check_((last / 64 - first / 64 + 1) *
                   static_cast<std::size_t>(y_.numbers[i + 1] - y_.numbers[i]));
            for (std::size_t word = first / 64; word <= last / 64; ++word) {
                std::uint64_t bits = ~std::uint64_t{0};
                if (word == first / 64) bits &= ~std::uint64_t{0} << first % 64;
                if (word == last / 64) bits &= ~std::uint64_t{0} >> (63 - last % 64);
                std::uint64_t* const column = plane_.data() + word * rows;
                for (std::int32_t row = y_.numbers[i]; row < y_.numbers[i + 1]; ++row) column[row] |= bits;
            }
        }
        for (std::size_t word = 0; word < words; ++word) take_corners(word, rows, take);
    }

  private:
    static constexpr std::size_t edges_at_once = 8;
    static constexpr std::size_t most_compared = 64;

    // Edges along an axis, numbered in ascending order: equal edges share a number, and numbers may be
    // missing.
    struct Numbered {
        std::vector<std::int32_t> edges;
        std::vector<std::int32_t> numbers;
        std::vector<std::int32_t> places;  // edges by number

        // Returns the number of places.
        std::size_t number(std::size_t count, std::int32_t cells) {
            numbers.resize(edges.size());
            if (count > static_cast<std::size_t>(cells)) {
                std::copy_n(edges.begin(), count, numbers.begin());
                places.resize(static_cast<std::size_t>(cells) + 1);
                std::iota(places.begin(), places.end(), 0);
                return places.size();
            }
            places.resize(count);
            if (count > most_compared) {
                std::copy_n(edges.begin(), count, places.begin());
                std::sort(places.begin(), places.end());
                for (std::size_t i = 0; i < count; ++i) {
                    const auto place = std::lower_bound(places.begin(), places.end(), edges[i]);
                    numbers[i] = static_cast<std::int32_t>(place - places.begin());
                }
                return count;
            }
            std::fill_n(edges.data() + count, edges_at_once, std::numeric_limits<std::int32_t>::max());
            for (std::size_t first = 0; first < count; first += edges_at_once) {
                std::int32_t before[edges_at_once] = {};
                for (std::size_t i = 0; i < count; ++i) {
                    for (std::size_t k = 0; k < edges_at_once; ++k)
                        before[k] += edges[i] < edges[first + k] ? 1 : 0;
                }
                std::copy_n(before, edges_at_once, numbers.data() + first);
            }
            for (std::size_t i = 0; i < count; ++i) places[static_cast<std::size_t>(numbers[i])] = edges[i];
            return count;
        }
    };

    // The corners in 64 columns.
    template <class Take>
    void take_corners(std::size_t word, std::size_t rows, const Take& take) const {
        const std::uint64_t* const column = plane_.data() + word * rows;
        const std::int32_t* const places = x_.places.data() + 64 * word;
        const std::uint64_t* const last_column = word == 0 ? nullptr : column - rows;
        std::uint64_t begun_above = 0;
        std::uint64_t ended_above = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            const std::uint64_t cells = column[row];
            const std::uint64_t before = cells << 1 | (last_column ? last_column[row] >> 63 : 0);
            const std::uint64_t begun = cells & ~before;
            const std::uint64_t ended = ~cells & before;
            const std::int32_t y = y_.places[row];
            // Changes by 1 or -1; a corner at which two rectangles meet may have two of the same sign.
            const std::uint64_t positive = begun & ~begun_above;
            const std::uint64_t positive_too = ended_above & ~ended;
            const std::uint64_t negative = ended & ~ended_above;
            const std::uint64_t negative_too = begun_above & ~begun;
            const auto take_bits = [&](std::uint64_t columns, std::uint64_t negatives) {
                for (; columns; columns &= columns - 1) {
                    const std::int32_t bit = lowest_bit(columns);
                    take(y, places[bit], 1 - 2 * static_cast<int>(negatives >> bit & 1));
                }
            };
            take_bits((positive ^ positive_too) | (negative ^ negative_too), negative | negative_too);
            const std::uint64_t twice = (positive & positive_too) | (negative & negative_too);
            take_bits(twice, negative);
            take_bits(twice, negative);
            begun_above = begun;
            ended_above = ended;
        }
    }

    Grid grid_;
    Checkpoint check_;
    Numbered x_;
    Numbered y_;
    std::vector<std::uint64_t> plane_;  // 64 columns after the other
};

}  // namespace heatgrid
