// Transposition of runs: along columns to along rows.
//
// The runs of a row begin and end where its cell differs from the previous one: between the first and the
// second edge, the third and the fourth, and so on, of a column and its predecessor, merged in ascending
// order. Preconditions: columns are in ascending order; in each, runs are in ascending order and do not
// overlap. O(runs + rows that differ between neighboring columns).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "heatgrid/grid/grid.hpp"

namespace heatgrid {

class ColumnRuns {
  public:
    explicit ColumnRuns(Grid grid) : open_(static_cast<std::size_t>(grid.rows), none) {}

    /// Adds the cells of a rectangle that is not empty. Runs along rows are appended to `runs` as they end,
    /// no cell twice.
    void add(const Rectangle& r, std::vector<Run>& runs) {
        if (r.left != left_) advance(r.left, r.right, runs);
        edges_.push_back(r.top);
        edges_.push_back(r.bottom);
    }

    /// Ends all runs.
    void finish(std::vector<Run>& runs) { advance(none, none, runs); }

  private:
    // Moves from the columns left_ .. right_ - 1 to others.
    void advance(std::int32_t left, std::int32_t right, std::vector<Run>& runs) {
        settle(left_, runs);
        if (left != right_) settle(right_, runs);
        left_ = left;
        right_ = right;
    }

    // Begins and ends runs at `column`, whose edges are the current ones.
    void settle(std::int32_t column, std::vector<Run>& runs) {
        both_.clear();
        std::merge(before_.begin(), before_.end(), edges_.begin(), edges_.end(), std::back_inserter(both_));
        for (std::size_t k = 0; k < both_.size(); k += 2) flip(both_[k], both_[k + 1], column, runs);
        std::swap(before_, edges_);
        edges_.clear();
    }

    void flip(std::int32_t top, std::int32_t bottom, std::int32_t column, std::vector<Run>& runs) {
        for (std::int32_t row = top; row < bottom; ++row) {
            std::int32_t& open = open_[static_cast<std::size_t>(row)];
            if (open == none) {
                open = column;
            } else {
                runs.push_back({row, open, column});
                open = none;
            }
        }
    }

    static constexpr std::int32_t none = -1;

    std::vector<std::int32_t> open_;    // for each row, where its run begins that has not ended
    std::vector<std::int32_t> edges_;   // where runs begin and end: in the current columns,
    std::vector<std::int32_t> before_;  // and in the column before them
    std::vector<std::int32_t> both_;
    std::int32_t left_ = none;
    std::int32_t right_ = none;
};

}  // namespace heatgrid
