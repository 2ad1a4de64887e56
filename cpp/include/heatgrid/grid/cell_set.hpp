// Set of cells, one bit per cell: unites the parts of an annotation, and the annotations of an image.
//
// Rows are padded by one column, since `toggle` marks crossings, of which one may lie past the last cell.
// Insertion costs one step per word that a run spans. Consuming the set is proportional to the rows and words
// touched since the last time, not to the grid.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/grid.hpp"
#include "heatgrid/simd/bits.hpp"

namespace heatgrid {

class CellSet {
  public:
    explicit CellSet(Grid grid)
        : words_(static_cast<std::size_t>(grid.columns) / 64 + 1),
          bits_(words_ * static_cast<std::size_t>(grid.rows), 0),
          touched_(static_cast<std::size_t>(grid.rows)) {
        clear();
    }

    /// Adds the cells of a run; first < last.
    void insert(const Run& run) noexcept {
        std::uint64_t* row = row_bits(run.row);
        const auto first = static_cast<std::size_t>(run.first);
        const auto last = static_cast<std::size_t>(run.last - 1);
        const std::size_t begin = first / 64;
        const std::size_t end = last / 64;
        touch(run.row, begin, end);
        const std::uint64_t head = ~std::uint64_t{0} << (first % 64);
        const std::uint64_t tail = ~std::uint64_t{0} >> (63 - last % 64);
        if (begin == end) {
            row[begin] |= head & tail;
            return;
        }
        row[begin] |= head;
        for (std::size_t w = begin + 1; w < end; ++w) row[w] = ~std::uint64_t{0};
        row[end] |= tail;
    }

    void insert(const SpanBlock& block) noexcept {
        for (std::int32_t r = 0; r < block.rows; ++r) {
            const Run run = block.run(r);
            if (run.first < run.last) insert(run);
        }
    }

    /// Flips one bit: two crossings at one position cancel.
    void toggle(std::int32_t row, std::int32_t column) noexcept {
        const auto bit = static_cast<std::size_t>(column);
        touch(row, bit / 64, bit / 64);
        row_bits(row)[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    }

    /// Calls take(run) for every maximal run of the set, row by row, and clears the set.
    template <class Take>
    void consume_runs(Take&& take) {
        consume_words([&](std::int32_t row, std::uint64_t* bits, std::size_t begin, std::size_t end) {
            std::int32_t first = -1;
            for (std::size_t w = begin; w < end; ++w) {
                // Bits where a run begins or ends, taking the last cell of the previous word into account.
                std::uint64_t edges = bits[w] ^ (bits[w] << 1 | static_cast<std::uint64_t>(first >= 0));
                bits[w] = 0;
                for (; edges; edges &= edges - 1) first = cross(row, first, position(w, edges), take);
            }
            if (first >= 0) take(Run{row, first, static_cast<std::int32_t>(end * 64)});
        });
    }

    /// Interprets the set as crossings, an even number per row: calls take(run) for the runs between the
    /// first and the second, the third and the fourth, and so on. Clears the set.
    template <class Take>
    void consume_crossings(Take&& take) {
        consume_words([&](std::int32_t row, std::uint64_t* bits, std::size_t begin, std::size_t end) {
            std::int32_t first = -1;
            for (std::size_t w = begin; w < end; ++w) {
                for (std::uint64_t word = bits[w]; word; word &= word - 1) {
                    first = cross(row, first, position(w, word), take);
                }
                bits[w] = 0;
            }
        });
    }

  private:
    struct Span {
        std::size_t begin;
        std::size_t end;
    };

    [[nodiscard]] std::uint64_t* row_bits(std::int32_t row) noexcept {
        return bits_.data() + static_cast<std::size_t>(row) * words_;
    }

    [[nodiscard]] static std::int32_t position(std::size_t word, std::uint64_t bits) noexcept {
        return static_cast<std::int32_t>(word * 64) + lowest_bit(bits);
    }

    // A crossing begins a run, or ends the current one. Returns the first cell of the current run, or -1.
    template <class Take>
    static std::int32_t cross(std::int32_t row, std::int32_t first, std::int32_t column, Take& take) {
        if (first < 0) return column;
        take(Run{row, first, column});
        return -1;
    }

    void touch(std::int32_t row, std::size_t first_word, std::size_t last_word) noexcept {
        Span& span = touched_[static_cast<std::size_t>(row)];
        span.begin = std::min(span.begin, first_word);
        span.end = std::max(span.end, last_word + 1);
        top_ = std::min(top_, row);
        bottom_ = std::max(bottom_, row + 1);
    }

    void clear() noexcept {
        top_ = static_cast<std::int32_t>(touched_.size());
        bottom_ = 0;
        for (Span& span : touched_) span = {words_, 0};
    }

    template <class Visit>
    void consume_words(Visit&& visit) {
        for (std::int32_t row = top_; row < bottom_; ++row) {
            Span& span = touched_[static_cast<std::size_t>(row)];
            if (span.begin < span.end) visit(row, row_bits(row), span.begin, span.end);
            span = {words_, 0};
        }
        top_ = static_cast<std::int32_t>(touched_.size());
        bottom_ = 0;
    }

    std::size_t words_;
    std::vector<std::uint64_t> bits_;
    std::vector<Span> touched_;
    std::int32_t top_ = 0;
    std::int32_t bottom_ = 0;
};

}  // namespace heatgrid
