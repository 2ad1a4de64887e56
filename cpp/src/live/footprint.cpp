#include "heatgrid/live/footprint.hpp"

namespace heatgrid {
namespace {

// Rows are added in blocks, so that a moving track does not enlarge the set at every step.
constexpr std::int32_t row_block = 64;

}  // namespace

void Footprint::cover(const Rectangle& cells) {
    std::int32_t top = cells.top / row_block * row_block;
    std::int32_t bottom = (cells.bottom - 1) / row_block * row_block + row_block;
    std::int32_t left = cells.left / 64;
    std::int32_t right = (cells.right - 1) / 64 + 1;
    if (!bits_.empty()) {
        if (top >= top_ && bottom <= bottom_ && left >= left_ && right <= right_) return;
        top = std::min(top, top_);
        bottom = std::max(bottom, bottom_);
        left = std::min(left, left_);
        right = std::max(right, right_);
    }
    const auto new_words = static_cast<std::size_t>(right - left);
    std::vector<std::uint64_t> grown(static_cast<std::size_t>(bottom - top) * new_words, 0);
    for (std::int32_t row = top_; row < bottom_; ++row) {
        std::copy_n(bits_.data() + static_cast<std::size_t>(row - top_) * words(), words(),
                    grown.data() + static_cast<std::size_t>(row - top) * new_words +
                        static_cast<std::size_t>(left_ - left));
    }
    bits_.swap(grown);
    top_ = top;
    bottom_ = bottom;
    left_ = left;
    right_ = right;
}

}  // namespace heatgrid
