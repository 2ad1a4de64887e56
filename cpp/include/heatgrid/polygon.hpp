// Polygon annotations to runs of cells, by scanline.
//
// Within a part the rule is even-odd over all its rings; parts are united. A cell is hit when its centre is
// inside: an edge (i, the vertex before it j) crosses the row of centres at y when (yi > y) != (yj > y), and
// counts for the centres x < (xj - xi) * (y - yi) / d + xi, d = yj - yi (1e-12 where |d| < 1e-12). So left
// and top edges belong to the polygon, right and bottom edges do not.
//
// How: one row index a vertex tells the rows that an edge crosses; an edge's crossing with a row becomes the
// number of centres to its left; a row's crossings in order open and close runs. Edges are clipped to the
// grid's rows first, so the cost is the vertices plus the row crossings within the grid, whatever the
// coordinates. A shape with extent that holds no centre hits the cell of the mean of its outer rings'
// vertices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/box.hpp"
#include "heatgrid/cell_set.hpp"
#include "heatgrid/cells.hpp"
#include "heatgrid/geometry.hpp"
#include "heatgrid/grid.hpp"

namespace heatgrid {

// Scratch memory for one thread, reused from annotation to annotation.
class PolygonScan {
  public:
    PolygonScan(Grid grid, Rule rule);

    // Finds the runs that an annotation hits, no cell twice; they stay valid until the next call. Allocates
    // only when an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Polygons& polygons, std::size_t annotation);
    [[nodiscard]] const std::vector<Run>& runs() const noexcept { return runs_; }

  private:
    // The smallest rectangle around a part's vertices.
    struct Extent {
        double left, right, top, bottom;
    };
    // The representative point, summed in the order of the vertices.
    struct Mean {
        double x, y, vertices;
    };
    // A row's crossings: few, nearly always; a part that has a row with more goes through `crossings_`.
    struct Row {
        std::uint32_t crossings;
        std::int32_t at[4];
    };

    [[nodiscard]] bool load_part(const Polygons& polygons, std::size_t part, std::size_t annotation);
    void load_ring(const double* vertices, std::size_t count, double width, double height);
    void find_rows() noexcept;
    void find_crossing_edges() noexcept;
    void scan_part();
    template <class Mark>
    void mark_crossings(Mark&& mark) const noexcept;
    void take_rows();
    [[nodiscard]] Outcome hit_mean();

    Cells cells_;
    Rule rule_;
    std::vector<double> row_centres_;

    // The part at hand. Each ring's vertices follow its last one, so that an edge is a vertex and the one
    // before.
    std::vector<double> x_;
    std::vector<double> y_;
    std::vector<std::int32_t> rows_above_;  // the number of row centres with a smaller y than the vertex
    std::vector<std::size_t> ring_ends_;
    std::vector<std::size_t> edges_;  // the edges that cross a row, each by its second vertex
    Extent extent_{};
    Mean mean_{};
    bool is_finite_ = true;

    std::vector<Row> rows_;
    CellSet crossings_;
    CellSet united_;
    std::vector<Run> runs_;
};

}  // namespace heatgrid
