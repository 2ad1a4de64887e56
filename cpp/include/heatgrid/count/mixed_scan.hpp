// Scan of annotations of any kind, so that those of an image can be united across kinds.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/disc.hpp"
#include "heatgrid/shapes/line.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/point.hpp"
#include "heatgrid/shapes/polygon.hpp"
#include "heatgrid/shapes/polygon_touch.hpp"

namespace heatgrid {

class MixedScan {
  public:
    MixedScan(Grid grid, const BoxOptions& options) : grid_(grid), cells_(grid), options_(options) {}

    /// Finds the cells of an annotation; its kind is the only one in `shapes.kinds`.
    [[nodiscard]] Outcome scan(const Shapes& shapes, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    [[nodiscard]] Outcome scan_one_box(const Boxes& boxes, std::size_t annotation);
    template <class Scan, class View, class... Arguments>
    [[nodiscard]] Outcome scan_with(std::optional<Scan>& scan, const View& view, std::size_t annotation,
                                    const Arguments&... arguments);

    Grid grid_;
    Cells cells_;
    BoxOptions options_;
    // Scratch memory of the kinds that have occurred.
    std::optional<PolygonScan> polygons_;
    std::optional<PolygonTouch> touched_polygons_;
    std::optional<MaskScan> masks_;
    std::optional<PointSetScan> points_;
    std::optional<LineScan> lines_;
    std::optional<DiscScan> discs_;
    std::vector<Run> runs_;
};

}  // namespace heatgrid
