// The grid, and the sets of cells that shapes are converted to: runs, blocks of spans, rectangles.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

/// Rows are counted downwards along y, columns rightwards along x; both cover the unit square.
struct Grid {
    std::int32_t rows = 0;
    std::int32_t columns = 0;

    [[nodiscard]] std::size_t cells() const noexcept {
        return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    }
};

/// Cells (row, first) .. (row, last - 1).
struct Run {
    std::int32_t row = 0;
    std::int32_t first = 0;
    std::int32_t last = 0;
};

/// List of runs in memory that belongs to another object.
class Runs {
  public:
    Runs(const Run* runs, std::size_t count) noexcept : runs_(runs), count_(count) {}

    [[nodiscard]] const Run* begin() const noexcept { return runs_; }
    [[nodiscard]] const Run* end() const noexcept { return runs_ + count_; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }

  private:
    const Run* runs_;
    std::size_t count_;
};

/// A span of cells in each of several consecutive rows, the first of them `top`: the cells between down[r]
/// and up[-r], in either order; none if they are equal. The memory belongs to another object.
struct SpanBlock {
    std::int32_t top;
    std::int32_t rows;
    const std::int32_t* down;
    const std::int32_t* up;

    [[nodiscard]] Run run(std::int32_t r) const noexcept {
        const std::int32_t a = down[r];
        const std::int32_t b = *(up - r);
        return {top + r, a < b ? a : b, a < b ? b : a};
    }
    [[nodiscard]] bool is_empty() const noexcept {
        for (std::int32_t r = 0; r < rows; ++r) {
            if (down[r] != *(up - r)) return false;
        }
        return true;
    }
};

/// Cells of rows top .. bottom - 1 and columns left .. right - 1.
struct Rectangle {
    std::int32_t left = 0;
    std::int32_t right = 0;
    std::int32_t top = 0;
    std::int32_t bottom = 0;
};

/// A cell, and the share of it that a shape covers, in 0 .. 1.
struct PartialCell {
    std::int32_t row = 0;
    std::int32_t column = 0;
    double fraction = 0.0;
};

}  // namespace heatgrid
