// Union of a few rectangles of cells, as signed rectangles: a cell that is hit several times counts once.
//
// Inclusion-exclusion: a rectangle inside an earlier one adds nothing; one that overlaps up to three earlier
// ones is added, and the union of the overlaps is subtracted by the same rule. If more overlap, cells are
// united one by one: those between neighboring edges of the rectangles (coordinate compression), unless the
// grid has fewer. O(pairs) plus a few rectangles per overlap; or a sort, and the rectangles' rows of such
// cells.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

class RectangleUnion {
  public:
    explicit RectangleUnion(Grid grid) : grid_(grid), cells_(grid) {}

    void insert(const Rectangle& r) {
        if (r.left < r.right && r.top < r.bottom) rectangles_.push_back(r);
    }

    /// Calls take(rectangle, sign), sign +1 or -1, for the union, and clears it.
    template <class Take>
    void consume(Take&& take) {
        if (is_simple()) {
            add(rectangles_.data(), rectangles_.size(), 1, take);
        } else if (2 * rectangles_.size() < static_cast<std::size_t>(std::min(grid_.rows, grid_.columns))) {
            number_edges(&Rectangle::left, &Rectangle::right, columns_);
            number_edges(&Rectangle::top, &Rectangle::bottom, rows_);
            consume_cells([&](const Run& run) {
                const auto row = static_cast<std::size_t>(run.row);
                take(Rectangle{columns_[static_cast<std::size_t>(run.first)],
                               columns_[static_cast<std::size_t>(run.last)], rows_[row], rows_[row + 1]},
                     1);
            });
        } else {
            consume_cells(
                [&](const Run& run) { take(Rectangle{run.first, run.last, run.row, run.row + 1}, 1); });
        }
        rectangles_.clear();
    }

  private:
    static constexpr std::size_t most_rectangles = 32;
    static constexpr std::size_t most_overlaps = 3;

    [[nodiscard]] static bool overlap(const Rectangle& a, const Rectangle& b) noexcept {
        return (a.left < b.right) & (b.left < a.right) & (a.top < b.bottom) & (b.top < a.bottom);
    }

    [[nodiscard]] static bool is_inside(const Rectangle& a, const Rectangle& b) noexcept {
        return (a.left >= b.left) & (a.right <= b.right) & (a.top >= b.top) & (a.bottom <= b.bottom);
    }

    [[nodiscard]] bool is_simple() const noexcept {
        if (rectangles_.size() > most_rectangles) return false;
        for (std::size_t i = 1; i < rectangles_.size(); ++i) {
            std::size_t overlaps = 0;
            for (std::size_t j = 0; j < i; ++j) {
                overlaps += static_cast<std::size_t>(overlap(rectangles_[i], rectangles_[j]));
            }
            if (overlaps > most_overlaps) return false;
        }
        return true;
    }

    template <class Take>
    static void add(const Rectangle* rectangles, std::size_t count, int sign, Take& take) {
        for (std::size_t i = 0; i < count; ++i) {
            const Rectangle& r = rectangles[i];
            Rectangle common[most_overlaps];
            std::size_t overlaps = 0;
            bool adds_nothing = false;
            for (std::size_t j = 0; j < i; ++j) {
                const Rectangle& s = rectangles[j];
                if (!overlap(r, s)) continue;
                adds_nothing |= is_inside(r, s);
                common[overlaps++] = {std::max(r.left, s.left), std::min(r.right, s.right),
                                      std::max(r.top, s.top), std::min(r.bottom, s.bottom)};
            }
            if (adds_nothing) continue;
            take(r, sign);
            add(common, overlaps, -sign, take);
        }
    }

    // Calls take(run) for the cells of the rectangles.
    template <class Take>
    void consume_cells(const Take& take) {
        for (const Rectangle& r : rectangles_) {
            for (std::int32_t row = r.top; row < r.bottom; ++row) cells_.insert({row, r.left, r.right});
        }
        cells_.consume_runs(take);
    }

    // Replaces the rectangles' edges along an axis by their ranks, and writes the edges to `places` by rank.
    void number_edges(std::int32_t Rectangle::* low, std::int32_t Rectangle::* high,
                      std::vector<std::int32_t>& places) {
        constexpr std::uint64_t one_place = std::uint64_t{1} << 32;
        edges_.clear();
        for (std::size_t i = 0; i < rectangles_.size(); ++i) {
            edges_.push_back(static_cast<std::uint64_t>(rectangles_[i].*low) * one_place + 2 * i);
            edges_.push_back(static_cast<std::uint64_t>(rectangles_[i].*high) * one_place + 2 * i + 1);
        }
        std::sort(edges_.begin(), edges_.end());
        places.clear();
        for (const std::uint64_t edge : edges_) {
            const auto place = static_cast<std::int32_t>(edge / one_place);
            if (places.empty() || places.back() != place) places.push_back(place);
            Rectangle& r = rectangles_[edge % one_place / 2];
            (edge % 2 == 0 ? r.*low : r.*high) = static_cast<std::int32_t>(places.size() - 1);
        }
    }

    Grid grid_;
    std::vector<Rectangle> rectangles_;
    CellSet cells_;
    std::vector<std::uint64_t> edges_;   // of an axis, each with the index of its rectangle
    std::vector<std::int32_t> columns_;  // where numbered edges lie
    std::vector<std::int32_t> rows_;
};

}  // namespace heatgrid
