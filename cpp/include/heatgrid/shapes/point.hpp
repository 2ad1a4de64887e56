// Points to cells: trunc(x * W), where the far edge 1 belongs to the last cell.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Treatment of a point outside [0, 1]: dropped, or moved to the nearest cell.
enum class OutsidePoints : std::uint8_t { drop, clamp };

struct PointCell {
    std::int32_t row = 0;  // only when counted
    std::int32_t column = 0;
    Outcome outcome = Outcome::not_finite;
};

[[nodiscard]] inline PointCell scan_point(const Points& points, std::size_t index, const Cells& cells,
                                          OutsidePoints outside) noexcept {
    double x = points.coordinates[2 * index];
    double y = points.coordinates[2 * index + 1];
    if (!points.sizes.normalized()) {
        const double width = points.sizes.width(index);
        const double height = points.sizes.height(index);
        if (!is_size(width, height)) return {};
        x /= width;
        y /= height;
    }
    if (!(is_finite(x) && is_finite(y))) return {};
    if (!(x >= 0.0 && x <= 1.0 && y >= 0.0 && y <= 1.0)) {
        if (outside == OutsidePoints::drop) return {0, 0, Outcome::outside};
        x = clamp_to_unit(x);
        y = clamp_to_unit(y);
    }
    return {cells.y.cell_of(y), cells.x.cell_of(x), Outcome::counted};
}

/// Scan of point sets: every cell that contains a visible point, once. Not finite if a visible point is not,
/// empty without a visible one, outside if all of them are. Holds scratch memory for one thread.
class PointSetScan {
  public:
    explicit PointSetScan(Grid grid) : cells_(grid), hit_(grid) {}

    [[nodiscard]] Outcome scan(const PointSets& sets, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    Checkpoint check_;
    Cells cells_;
    CellSet hit_;
    std::vector<Run> runs_;
};

}  // namespace heatgrid
