// Polygons to the cells that they overlap with positive area: Rule::touch.
//
// A vertex (x, y) lies at the doubles x * W and y * H, in cells; everything else is exact with respect to
// them. A cell is overlapped if the part's boundary passes through its interior, or if all of it is inside
// the part. Therefore an edge along a grid line touches neither side. Edges that coincide cancel first (see
// edges.hpp), since a bridge or spike has no area. Within a part the even-odd rule applies to all its rings;
// parts are united. A shape without area in the image is empty.
//
// Method: the doubled indices of an edge's crossings with the lines above and below a row give its cells in
// that row; see crossings.hpp. Cells without boundary are inside if an odd number of edges cross the row's
// upper line left of them. O(vertices + row crossings within the grid + cells / 64), independent of the
// magnitude of coordinates.
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
#include "heatgrid/shapes/boundary_set.hpp"
#include "heatgrid/shapes/edges.hpp"
#include "heatgrid/shapes/polygon_reader.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Holds scratch memory for one thread, reused from annotation to annotation.
class PolygonTouch {
  public:
    explicit PolygonTouch(Grid grid);

    /// Finds the runs that an annotation hits, no cell twice; they stay valid until the next call. Allocates
    /// only if an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Polygons& polygons, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    // Crossings of one edge with consecutive lines between rows, upwards or downwards.
    struct Cut {
        std::uint32_t from;
        std::uint32_t to;
        std::int32_t first_line;
        std::int32_t step;
        std::int32_t count;
        std::uint32_t place;  // of the first one in the path's indices
    };

    [[nodiscard]] Extent load_part();
    void load_ring(std::size_t first, std::size_t last, Extent& extent);
    template <class Take>
    void touch_part(const Extent& extent, Take&& take);
    [[nodiscard]] std::size_t close_path(std::size_t first, std::size_t last);
    void follow(const std::uint32_t* path, std::size_t count);
    [[nodiscard]] std::size_t cut_path(const std::uint32_t* path, std::size_t count) noexcept;
    void cross_lines(const Cut& cut) noexcept;
    void take_run(std::int32_t row, std::int32_t first, std::int32_t last);

    Checkpoint check_;
    Grid grid_;
    PolygonReader reader_;

    // The current part.
    std::vector<double> coordinates_;
    std::vector<DoubledIndex> indices_;
    Vertices vertices_;
    EdgeOverlaps overlaps_;

    // A path along edges, by its vertices, split at the lines between rows: the indices of vertices and
    // crossings.
    std::vector<std::uint32_t> path_;
    std::vector<Cut> cuts_;
    std::vector<std::uint32_t> places_;
    std::vector<DoubledIndex> row_indices_;
    std::vector<DoubledIndex> column_indices_;
    std::size_t path_length_ = 0;

    BoundarySet boundary_;
    CellSet united_;
    Scratch<Run> runs_;
};

}  // namespace heatgrid
