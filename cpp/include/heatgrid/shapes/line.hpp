// Lines to the cells that they pass through: Rule::touch and Rule::center.
//
// A vertex (x, y) lies at the doubles x * W and y * H, in cells; everything else is exact with respect to
// them. A line hits the cells of all its points: floor of x and of y, where the image's far edges belong to
// the last cells. Therefore a line along a grid line hits the cells right of it or below it. A path of one
// vertex is that point; an annotation without a vertex is empty, one without a point in the image is outside.
// Under Rule::point a line hits the cell of the mean of its vertices if its bounding box overlaps the image.
//
// Method: in a row, a segment passes through the columns between its crossings with the row's lines; see
// crossings.hpp. Rows outside the grid are skipped. O(vertices + row crossings within the grid + cells / 64).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/doubled_index.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/orientation.hpp"
#include "heatgrid/shapes/polygon_reader.hpp"
#include "heatgrid/simd/double2.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Holds scratch memory for one thread, reused from annotation to annotation.
class LineScan {
  public:
    LineScan(Grid grid, Rule rule) : grid_(grid), cells_(grid), rule_(rule), hit_(grid) {}

    /// Finds the runs that an annotation hits, no cell twice; they stay valid until the next call. Allocates
    /// only if an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Lines& lines, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    // A vertex in cells, and its indices, clamped to positions adjacent to the grid.
    struct Vertex {
        Position at;
        DoubledIndex column;
        DoubledIndex row;
    };
    // Rows first .. last.
    struct RowRange {
        std::int32_t first;
        std::int32_t last;
    };

    [[nodiscard]] bool load(const Lines& lines, std::size_t annotation);
    void hit_mean();
    void pass_through(const Vertex& a, const Vertex& b);
    [[nodiscard]] RowRange rows_between(const Vertex& top, const Vertex& bottom) const noexcept;
    [[nodiscard]] std::int32_t row_at(const Vertex& top, const Vertex& bottom,
                                      DoubledIndex side) const noexcept;
    void hit_row(std::int32_t row, DoubledIndex from, DoubledIndex to) noexcept;

    Checkpoint check_;
    Grid grid_;
    Cells cells_;
    Rule rule_;

    // The current annotation.
    std::vector<Vertex> vertices_;
    Extent extent_;
    Double2 sum_{0.0};

    CellSet hit_;
    std::vector<Run> runs_;
};

}  // namespace heatgrid
