// Annotations of several kinds in one batch, so that those of an image can be united whatever their kind; and
// sets of points, of which an annotation hits each cell once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/line.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/point.hpp"
#include "heatgrid/shapes/polygon.hpp"
#include "heatgrid/shapes/touch.hpp"

namespace heatgrid {

// N annotations of any number of points: annotation i has offsets[i] .. offsets[i + 1] - 1. Points with
// visible[k] == 0 are passed over.
struct PointSets {
    const double* coordinates = nullptr;
    const std::int64_t* offsets = nullptr;
    const std::uint8_t* visible = nullptr;  // null: all are
    std::size_t count = 0;
    Sizes sizes;
};

// Every cell that holds a visible point, once. Invalid where a visible point is not finite, empty without a
// visible one, outside where all are.
class PointSetScan {
  public:
    explicit PointSetScan(Grid grid) : cells_(grid), hit_(grid) {}

    [[nodiscard]] Outcome scan(const PointSets& sets, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    Cells cells_;
    CellSet hit_;
    std::vector<Run> runs_;
};

enum class Kind : std::uint8_t { box = 1, polygon = 2, mask = 4, points = 8, lines = 16 };

// N annotations, each of one kind; every column present has N entries, of which those of its kind are read.
struct Mixed {
    const std::uint8_t* kinds = nullptr;
    std::size_t count = 0;
    Boxes boxes;
    Polygons polygons;
    Masks masks;
    PointSets points;
    Lines lines;
};

class MixedScan {
  public:
    MixedScan(Grid grid, const BoxOptions& options) : grid_(grid), cells_(grid), options_(options) {}

    [[nodiscard]] Outcome scan(const Mixed& mixed, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    [[nodiscard]] Outcome scan_one_box(const Boxes& boxes, std::size_t annotation);
    template <class Scan, class Shapes>
    [[nodiscard]] Outcome scan_with(Scan& scan, const Shapes& shapes, std::size_t annotation);

    Grid grid_;
    Cells cells_;
    BoxOptions options_;
    std::optional<PolygonScan> polygons_;
    std::optional<PolygonTouch> touched_polygons_;
    std::optional<MaskScan> masks_;
    std::optional<PointSetScan> points_;
    std::optional<LineScan> lines_;
    std::vector<Run> runs_;
};

}  // namespace heatgrid
