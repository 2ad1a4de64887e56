// Polygons to cells by scanline conversion: Rule::center and Rule::point.
//
// Within a part the even-odd rule applies to all its rings; parts are united. A cell is hit if its center is
// inside: if an odd number of edges cross its row right of it (see crossing_walk.hpp). Therefore left and top
// edges belong to the polygon, right and bottom edges do not. A shape with extent that contains no center
// hits the cell of the mean of its outer rings' vertices.
//
// Method: between two local extrema of the part's rings, the same y-monotone chains cross each row. Almost
// everywhere there are two of them, and the cells between them form a block of one span per row. If there are
// more, their crossings are sorted row by row. O(vertices + row crossings within the grid), plus the sorting.
// See J. D. Foley et al., "Computer Graphics: Principles and Practice", section 3.6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/grid/scratch.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/crossing_walk.hpp"
#include "heatgrid/shapes/polygon_reader.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Holds scratch memory for one thread, reused from annotation to annotation.
class PolygonScan {
  public:
    PolygonScan(Grid grid, Rule rule);

    /// Finds the cells that an annotation hits, no cell twice, as blocks and runs; they stay valid until the
    /// next call. Allocates only if an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Polygons& polygons, std::size_t annotation);

    /// Calls take_block(block) and take_runs(runs) for the annotation's cells.
    template <class TakeBlock, class TakeRuns>
    void for_each_span(const TakeBlock& take_block, const TakeRuns& take_runs) const {
        for (const SpanBlock& block : blocks_) take_block(block);
        if (!runs_.empty()) take_runs(Runs(runs_.data(), runs_.size()));
    }

    /// The annotation's cells as runs only.
    [[nodiscard]] Runs runs();

  private:
    void scan_part();
    void take_chains();
    void take_chains_in_order();
    void take_pair(const MonotoneChain& one, const MonotoneChain& other, std::int32_t top,
                   std::int32_t bottom);
    void take_rows(std::int32_t top, std::int32_t bottom);
    void take_row(std::int32_t row, std::int32_t* crossings, std::size_t count);
    void convert_blocks_to_runs();
    void clear() noexcept;

    Rule rule_;
    Checkpoint check_;
    PolygonReader reader_;
    CrossingWalk walk_;

    // The chains of a part by their first row, those of the current rows, and the crossings of one row.
    std::vector<MonotoneChain> chains_;
    std::vector<MonotoneChain> active_;
    std::vector<std::int32_t> row_;
    CellSet crossings_;

    // The cells of the annotation.
    Scratch<SpanBlock> blocks_;
    Scratch<Run> runs_;
    CellSet united_;
};

}  // namespace heatgrid
