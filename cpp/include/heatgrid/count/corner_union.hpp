// Corners of the union of a few rectangles: the cells where its differences (difference_grid.hpp) are not 0.
//
// The rectangles are painted into a bit plane whose cells lie between neighboring edges of the rectangles
// (coordinate compression). A row's corners are the positions where its runs begin and end, unless those of
// the row above do so, too. Comparing all edges with each other, several at a time; one step per row of the
// plane that a rectangle spans, and per corner; independent of the size of the grid.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/bits.hpp"

namespace heatgrid {

class CornerUnion {
  public:
    /// A row of the bit plane is one word.
    static constexpr std::size_t most_rectangles = 32;

    /// Calls take(row, column, amount), amount 1 or -1, per corner; a corner of weight 2 is passed twice. At
    /// most `most_rectangles`; empty ones are ignored.
    template <class Take>
    void unite(const Rectangle* rectangles, std::size_t count, const Take& take) {
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
        x_.number(edges);
        y_.number(edges);
        std::fill_n(picture_, edges, 0);
        for (std::size_t i = 0; i < edges; i += 2) {
            const std::uint64_t columns = bit(x_.numbers[i + 1]) - bit(x_.numbers[i]);
            for (std::int32_t row = y_.numbers[i]; row < y_.numbers[i + 1]; ++row) picture_[row] |= columns;
        }
        std::uint64_t begun_above = 0;
        std::uint64_t ended_above = 0;
        for (std::size_t row = 0; row < edges; ++row) {
            const std::uint64_t cells = picture_[row];
            const std::uint64_t begun = cells & ~(cells << 1);
            const std::uint64_t ended = ~cells & cells << 1;
            const std::int32_t place = y_.places[row];
            // Changes by 1 or -1; a corner at which two rectangles meet may have two of the same sign.
            const std::uint64_t positive = begun & ~begun_above;
            const std::uint64_t positive_too = ended_above & ~ended;
            const std::uint64_t negative = ended & ~ended_above;
            const std::uint64_t negative_too = begun_above & ~begun;
            take_bits((positive ^ positive_too) | (negative ^ negative_too), negative | negative_too, place,
                      take);
            const std::uint64_t twice = (positive & positive_too) | (negative & negative_too);
            if (twice) {
                take_bits(twice, negative, place, take);
                take_bits(twice, negative, place, take);
            }
            begun_above = begun;
            ended_above = ended;
        }
    }

  private:
    static constexpr std::size_t most_edges = 2 * most_rectangles;

    // Edges along an axis, numbered by the edges before each: equal edges share a number, and numbers may be
    // missing.
    struct Numbered {
        std::int32_t edges[most_edges];
        std::int32_t numbers[most_edges];
        std::int32_t places[most_edges];  // edges by number

        void number(std::size_t count) noexcept {
            constexpr std::size_t at_once = 8;
            const std::size_t whole = (count + at_once - 1) / at_once * at_once;
            std::fill(edges + count, edges + whole, std::numeric_limits<std::int32_t>::max());
            for (std::size_t first = 0; first < whole; first += at_once) {
                std::int32_t before[at_once] = {};
                for (std::size_t i = 0; i < count; ++i) {
                    for (std::size_t k = 0; k < at_once; ++k)
                        before[k] += edges[i] < edges[first + k] ? 1 : 0;
                }
                std::copy_n(before, at_once, numbers + first);
            }
            for (std::size_t i = 0; i < count; ++i) places[numbers[i]] = edges[i];
        }
    };

    [[nodiscard]] static std::uint64_t bit(std::int32_t place) noexcept { return std::uint64_t{1} << place; }

    template <class Take>
    void take_bits(std::uint64_t columns, std::uint64_t negative, std::int32_t row, const Take& take) const {
        for (; columns; columns &= columns - 1) {
            const std::int32_t column = lowest_bit(columns);
            take(row, x_.places[column], 1 - 2 * static_cast<int>(negative >> column & 1));
        }
    }

    Numbered x_;
    Numbered y_;
    std::uint64_t picture_[most_edges];
};

}  // namespace heatgrid
