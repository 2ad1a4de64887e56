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
#include "heatgrid/polygon_reader.hpp"

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
    // An edge that crosses rows top .. bottom - 1, by its vertices: i is `to`, j is `from`.
    struct Edge {
        std::uint32_t from, to;
        std::int32_t top, bottom;
    };
    // A row's crossings: few, nearly always; a part that has a row with more goes through `crossings_`.
    struct Row {
        std::uint32_t crossings;
        std::int32_t at[7];
    };
    static constexpr std::uint32_t row_limit = 4;

    [[nodiscard]] Extent load_part();
    void load_ring(std::size_t first, std::size_t last);
    void settle_ties(std::size_t first, std::size_t last) noexcept;
    void find_crossing_edges(std::size_t first, std::size_t last) noexcept;
    void scan_part();
    template <class Mark>
    void mark_crossings(Mark&& mark);
    void take_rows();

    Cells cells_;
    Rule rule_;
    PolygonReader reader_;
    std::vector<double> row_centres_;  // and one more, since crossings are found two by two

    // The part at hand.
    const double* vertices_ = nullptr;
    std::vector<std::int32_t> rows_above_;  // for each vertex, the number of row centres with a smaller y
    std::vector<Edge> edges_;
    std::size_t edge_count_ = 0;
    Extent extent_;
    std::int32_t top_ = 0;
    std::int32_t bottom_ = 0;

    std::vector<Row> rows_;
    std::vector<std::int32_t> columns_;  // of one edge's crossings
    CellSet crossings_;
    CellSet united_;
    std::vector<Run> runs_;
};

}  // namespace heatgrid
