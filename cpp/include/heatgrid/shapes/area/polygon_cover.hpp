// Polygons to the share of each cell that they cover: Rule::area.
//
// Within a part the even-odd rule applies to all its rings; parts are united; the image clips them. Shares
// are exact except for rounding: the error is about 1e-14 of a cell, and 1e-10 on the largest grids. A shape
// within one cell is measured relative to its own size, so that tiny shapes are as exact. A shape with extent
// in the image is counted, even if it covers nothing. Rings that reach far beyond the image are clipped
// first, with exact crossings, so that products and differences of coordinates never overflow.
//
// Method: a sweep over rows. The y-monotone chains of the boundary, clipped to a row (boundary_chains.hpp),
// are sorted from left to right and given signs (row_sweep.hpp), and their areas are accumulated per cell
// (row_cover.hpp). O(vertices + row crossings within the grid + cells that are partly covered), plus the
// sorting of the chains in each row and the crossings of edges. A shape whose edges cross each other too
// often is not counted (see RowSweep::default_work).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/shapes/area/boundary_chains.hpp"
#include "heatgrid/shapes/area/row_cover.hpp"
#include "heatgrid/shapes/area/row_sweep.hpp"
#include "heatgrid/shapes/polygon_reader.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Holds scratch memory for one thread, reused from annotation to annotation.
class PolygonCover {
  public:
    /// `max_work`: see RowSweep.
    explicit PolygonCover(Grid grid, std::size_t max_work = RowSweep::default_work);

    /// Finds the cells that an annotation covers completely, as runs, and those that it covers partly; no
    /// cell twice. They stay valid until the next call. Allocates only if an annotation is larger than all
    /// before it.
    [[nodiscard]] Outcome scan(const Polygons& polygons, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }
    [[nodiscard]] const Scratch<PartialCell>& partial_cells() const noexcept { return partial_cells_; }

  private:
    // Coordinate system of a shape: its origin, unit and size.
    struct Frame {
        std::int32_t row;
        std::int32_t column;
        std::int32_t rows;
        std::int32_t columns;
        Double2 origin;
        Double2 scale;
        double share;  // of a cell that a unit square has
        bool is_cut;   // by the image's left or right side
    };
    struct Ring {
        std::size_t first;
        std::size_t count;
        std::uint32_t part;
    };

    [[nodiscard]] Extent read_part();
    [[nodiscard]] Frame frame_of(Double2 low, Double2 high) const noexcept;
    [[nodiscard]] std::size_t read_clipped(const double* normalized, std::size_t count);
    void reserve(std::size_t count);
    [[nodiscard]] bool cover(const Extent& extent);
    void take_run(std::int32_t row, std::int32_t first, std::int32_t last);
    void take_part(std::int32_t row, std::int32_t column, double fraction);

    Checkpoint check_;
    Grid grid_;
    PolygonReader reader_;

    // The current annotation.
    std::vector<Position> vertices_;  // in cells, and then in the frame
    std::size_t vertex_count_ = 0;
    std::vector<Ring> rings_;
    std::uint32_t parts_ = 0;

    BoundaryChains chains_;
    RowSweep sweep_;
    RowCover row_;
    Scratch<Run> runs_;
    Scratch<PartialCell> partial_cells_;
};

}  // namespace heatgrid
