// Polygon annotations to the cells that they overlap with positive area: Rule::touch.
//
// A vertex (x, y) lies at the doubles x * W and y * H, in cells; all that follows is exact with respect to
// them. A cell's inside is overlapped when the part's boundary passes through it, or else when all of it is
// inside the part. So edges along a line between cells touch neither side, and edges that lie on each other
// cancel first (see edges.hpp), since such a bridge or spike has no area. Within a part the rule is even-odd
// over all its rings; parts are united. A shape that has no area in the image
// touches nothing, and is empty.
//
// How: an edge's indices where it crosses the lines above and below a row, see crossings.hpp, give its cells
// in that row. Cells without boundary are inside when an odd number of edges crosses the row's upper line to
// their left.
// Cost: the vertices plus the row crossings within the grid plus a word for 64 cells of the rows between,
// whatever the coordinates.
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

namespace heatgrid {

// Scratch memory for one thread, reused from annotation to annotation.
class PolygonTouch {
  public:
    explicit PolygonTouch(Grid grid);

    // Finds the runs that an annotation hits, no cell twice; they stay valid until the next call. Allocates
    // only when an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Polygons& polygons, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }

  private:
    // The crossings of one edge with lines between rows, from a first one on, up or down.
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
    void follow(const std::uint32_t* path, std::size_t count) noexcept;
    [[nodiscard]] std::size_t cut_path(const std::uint32_t* path, std::size_t count) noexcept;
    void cross_lines(const Cut& cut) noexcept;
    void take_run(std::int32_t row, std::int32_t first, std::int32_t last);

    Grid grid_;
    PolygonReader reader_;

    // The part at hand.
    std::vector<double> coordinates_;
    std::vector<DoubledIndex> indices_;
    Vertices vertices_;
    EdgeOverlaps overlaps_;

    // A path along edges, by its vertices, and cut at the lines between rows: the indices of vertices and
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
