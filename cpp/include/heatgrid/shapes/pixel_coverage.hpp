// Exact area of each cell that blocks of pixels cover, line by line of cells.
//
// A line of cells is a column or a row, and cells are counted along it. The unit of area is such that a cell
// has n * m units, where n and m are the mask's numbers of pixels across and along lines, and a pixel N * M.
// Along a line, an edge of a block adds to two entries of a difference array; prefix sums give the areas.
// Preconditions: blocks do not overlap and are in the order of their lines.
// O(1) per block, plus the cells covered.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "heatgrid/shapes/pixels.hpp"

namespace heatgrid {

/// Cells first .. last - 1 of each of the lines line .. last_line - 1.
struct CellBlock {
    std::int32_t line;
    std::int32_t last_line;
    std::int32_t first;
    std::int32_t last;
};

class PixelCoverage {
  public:
    /// Begins a mask. The axes must outlive it.
    void begin(const PixelAxis& lines, const PixelAxis& along) {
        lines_ = &lines;
        along_ = &along;
        for (Profile& profile : profiles_) profile.reserve(along.cells());
        line_ = -1;
        first_ = last_ = 0;
    }

    /// Calls take(cells, area), area > 0 units per cell, for the lines before that of the block.
    template <class Take>
    void add(const PixelBlock& block, Take&& take) {
        if (block.line != line_) open(block, take);
        const PixelAxis::Edge from = along_->edge(block.first);
        const PixelAxis::Edge to = along_->edge(block.last);
        for (std::size_t i = 0; i < profiles_.size(); ++i) {
            if (widths_[i] > 0) profiles_[i].add(from, to, along_->pixels(), widths_[i]);
        }
    }

    /// Calls take for the rest.
    template <class Take>
    void finish(Take&& take) {
        close(lines_->cells(), take);
        first_ = last_ = 0;
    }

  private:
    // Areas of a line's cells as differences, all 0 outside begin .. end - 1.
    class Profile {
      public:
        void reserve(std::int32_t cells) {
            const std::size_t size = static_cast<std::size_t>(cells) + 2;
            if (differences_.size() < size) differences_.resize(size, 0);
        }

        void add(const PixelAxis::Edge& from, const PixelAxis::Edge& to, std::int64_t cell,
                 std::int64_t width) noexcept {
            std::int64_t* d = differences_.data();
            d[from.cell] += width * (cell - from.past);
            d[from.cell + 1] += width * from.past;
            d[to.cell] -= width * (cell - to.past);
            d[to.cell + 1] -= width * to.past;
            begin_ = std::min(begin_, from.cell);
            end_ = std::max(end_, to.cell + 2);
        }

        // Calls take per run of equal area, of lines line .. last_line - 1, and clears the line.
        template <class Take>
        void consume(std::int32_t line, std::int32_t last_line, Take& take) {
            std::int64_t area = 0;
            std::int32_t first = begin_;
            for (std::int32_t cell = begin_; cell < end_; ++cell) {
                std::int64_t& difference = differences_[static_cast<std::size_t>(cell)];
                if (difference == 0) continue;
                if (area > 0) take(CellBlock{line, last_line, first, cell}, area);
                area += difference;
                difference = 0;
                first = cell;
            }
            begin_ = none;
            end_ = 0;
        }

      private:
        static constexpr std::int32_t none = max_cells_per_axis + 2;

        std::vector<std::int64_t> differences_;
        std::int32_t begin_ = none;
        std::int32_t end_ = 0;
    };

    // Of the lines of cells that the last block's lines of pixels overlap: the first, all between, and the
    // last. Only the first may have been overlapped before, and only the last may be overlapped again.
    enum Place : std::size_t { at_first, between, at_last };

    template <class Take>
    void open(const PixelBlock& block, Take& take) {
        const PixelAxis::Edge from = lines_->edge(block.line);
        const PixelAxis::Edge to = lines_->edge(block.last_line);
        close(from.cell, take);
        line_ = block.line;
        first_ = from.cell;
        last_ = to.last_touched();
        const std::int64_t cell = lines_->pixels();
        if (last_ - first_ == 1) {
            widths_ = {(block.last_line - block.line) * lines_->cells(), 0, 0};
        } else {
            widths_ = {cell - from.past, last_ - first_ > 2 ? cell : 0, to.past > 0 ? to.past : cell};
        }
    }

    // Calls take for the unfinished lines before `line`, which is at or after the last of them.
    template <class Take>
    void close(std::int32_t line, Take& take) {
        if (first_ == last_ || first_ == line) return;
        profiles_[at_first].consume(first_, first_ + 1, take);
        if (last_ - first_ == 1) return;
        profiles_[between].consume(first_ + 1, last_ - 1, take);
        if (last_ - 1 == line) {
            std::swap(profiles_[at_first], profiles_[at_last]);
        } else {
            profiles_[at_last].consume(last_ - 1, last_, take);
        }
    }

    const PixelAxis* lines_ = nullptr;
    const PixelAxis* along_ = nullptr;
    std::array<Profile, 3> profiles_;
    std::array<std::int64_t, 3> widths_{};  // of the block's lines, in units, in each of the three places
    std::int64_t line_ = -1;
    std::int32_t first_ = 0;
    std::int32_t last_ = 0;
};

}  // namespace heatgrid
