// Difference grids: adding a rectangle or a run of any size costs a few additions; one pass of prefix sums
// at the end turns the differences into counts.
//
// Sums are kept modulo 2^32, so intermediate wraps cancel and a plane is right as long as fewer than 2^32
// shapes went in since the last flush. Every plane has one column and one row more than the grid, where the
// shapes that reach the far edges end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid.hpp"

namespace heatgrid {

// The most shapes that may go in between two flushes.
inline constexpr std::size_t flush_limit = std::size_t{1} << 31;

// Where counts go: a C-contiguous array of (classes, rows, columns), to which is added.
struct Counts {
    std::int64_t* values = nullptr;
    std::size_t classes = 1;
    Grid grid;

    [[nodiscard]] std::int64_t* plane(std::size_t index) const noexcept {
        return values + index * grid.cells();
    }
};

class DifferenceGrid {
  public:
    DifferenceGrid(Grid grid, std::size_t planes)
        : grid_(grid),
          stride_(static_cast<std::size_t>(grid.columns) + 1),
          plane_(stride_ * (static_cast<std::size_t>(grid.rows) + 1)),
          values_(plane_ * planes, 0) {}

    void add(std::size_t plane, const Rectangle& r) noexcept {
        std::uint32_t* top = at(plane, r.top);
        std::uint32_t* bottom = at(plane, r.bottom);
        ++top[r.left];
        --top[r.right];
        --bottom[r.left];
        ++bottom[r.right];
    }

    void add(std::size_t plane, const Run& run) noexcept {
        std::uint32_t* row = at(plane, run.row);
        ++row[run.first];
        --row[run.last];
    }

    // Add what `plane` holds to `counts` (rows x columns) and leave it empty. One of the two, by what went
    // in.
    void flush_rectangles(std::size_t plane, std::int64_t* counts);
    void flush_runs(std::size_t plane, std::int64_t* counts) noexcept;

  private:
    [[nodiscard]] std::uint32_t* at(std::size_t plane, std::int32_t row) noexcept {
        return values_.data() + plane * plane_ + static_cast<std::size_t>(row) * stride_;
    }

    Grid grid_;
    std::size_t stride_;
    std::size_t plane_;
    std::vector<std::uint32_t> values_;
};

}  // namespace heatgrid
