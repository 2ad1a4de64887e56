// Pixels of a mask and cells of the grid along one axis: n pixels and N cells that both cover [0, 1].
//
// The pixel at a cell's center is floor(center * n), the product in double precision as defined. Overlaps of
// pixels and cells are exact, in integers: a pixel is N units long, a cell n.
// Preconditions: 1 <= n <= max_pixels_per_axis; pixels and edges from 0 to n; cells from 0 to N.
// Constant time. Only the constructor allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cells.hpp"

namespace heatgrid {

inline constexpr std::int64_t max_pixels_per_axis = std::int64_t{1} << 31;

class PixelAxis {
  public:
    explicit PixelAxis(const Axis& axis)
        : cells_(axis.cells()), centers_(static_cast<std::size_t>(axis.cells()) + 2) {
        centers_.front() = -1.0;
        for (std::int32_t cell = 0; cell < cells_; ++cell) {
            centers_[static_cast<std::size_t>(cell) + 1] = axis.center(cell);
        }
        centers_.back() = 1.0;
    }

    void set_pixels(std::int64_t pixels) noexcept {
        pixels_ = pixels;
        size_ = static_cast<double>(pixels);
        cells_per_pixel_ = static_cast<double>(cells_) / size_;
    }

    [[nodiscard]] std::int64_t pixels() const noexcept { return pixels_; }
    [[nodiscard]] std::int32_t cells() const noexcept { return cells_; }

    /// The pixel at the cell's center; for the cell past the last one, the pixel past the last one.
    [[nodiscard]] std::int64_t pixel_at_center(std::int32_t cell) const noexcept {
        return static_cast<std::int64_t>(place(cell));
    }

    /// The number of cells whose center lies in a pixel before this one: those with center * n < pixel. The
    /// estimate is off by at most one.
    [[nodiscard]] std::int32_t centers_before(std::int64_t pixel) const noexcept {
        const auto edge = static_cast<double>(pixel);
        const auto estimate = static_cast<std::int32_t>(edge * cells_per_pixel_ + 0.5);
        return estimate + static_cast<std::int32_t>(place(estimate) < edge) -
               static_cast<std::int32_t>(place(estimate - 1) >= edge);
    }

    /// Position of the edge before a pixel: 0 to n - 1 units past the near side of a cell.
    struct Edge {
        std::int32_t cell;
        std::int64_t past;

        // One past the last cell that an extent ending here overlaps; the extent begins in or before `cell`.
        [[nodiscard]] std::int32_t last_touched() const noexcept {
            return cell + static_cast<std::int32_t>(past > 0);
        }
    };
    [[nodiscard]] Edge edge(std::int64_t pixel) const noexcept {
        // The quotient is off by at most one.
        auto cell = static_cast<std::int64_t>(static_cast<double>(pixel) * cells_per_pixel_);
        std::int64_t past = pixel * cells_ - cell * pixels_;
        if (past < 0) {
            --cell;
            past += pixels_;
        } else if (past >= pixels_) {
            ++cell;
            past -= pixels_;
        }
        return {static_cast<std::int32_t>(cell), past};
    }

  private:
    // A cell's center in pixels; that of cell -1 lies before all pixels, that of cell N is the far edge.
    [[nodiscard]] double place(std::int32_t cell) const noexcept { return centers_.data()[cell + 1] * size_; }

    std::int32_t cells_;
    std::vector<double> centers_;
    std::int64_t pixels_ = 1;
    double size_ = 1.0;
    double cells_per_pixel_ = 1.0;
};

/// Pixels first .. last - 1 of each of the lines line .. last_line - 1; not empty.
struct PixelBlock {
    std::int64_t line;
    std::int64_t last_line;
    std::int64_t first;
    std::int64_t last;
};

}  // namespace heatgrid
