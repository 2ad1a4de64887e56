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
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), run_count_}; }

  private:
    // An edge that crosses rows, by its vertices: i is `to`, j is `from`.
    struct Edge {
        std::uint32_t from, to;
    };
    // Rows top .. bottom - 1.
    struct RowRange {
        std::int32_t top, bottom;
    };
    // Some crossings of a part: few enough to stay in the cache. Edge by edge, the rows of each one after the
    // other.
    struct Crossings {
        std::size_t count = 0;
        std::vector<std::int32_t> rows;
        std::vector<std::int32_t> columns;  // the number of column centres left of the crossing
    };
    // The crossings of an edge, by their place among others, whose guesses prove nothing.
    struct Doubt {
        std::size_t edge, first;
    };
    // A row's crossings: few, nearly always; a part that has a row with more goes through `crossings_`.
    static constexpr std::uint32_t row_limit = 14;
    struct Row {
        std::uint32_t crossings;
        std::int32_t at[row_limit + 1];
    };

    [[nodiscard]] Extent load_part();
    void load_ring(std::size_t first, std::size_t last);
    void settle_ties(std::size_t first, std::size_t last) noexcept;
    void find_crossing_edges(std::size_t first, std::size_t last) noexcept;
    void scan_part();
    template <class Mark>
    void mark_crossings(Mark&& mark);
    [[nodiscard]] std::size_t find_crossings(std::size_t first_edge, std::int32_t first_column,
                                             std::int32_t last_column) noexcept;
    [[nodiscard]] RowRange rows_of(const Edge& edge) const noexcept;
    [[nodiscard]] double exact_crossing(const Edge& edge, std::int32_t row) const noexcept;
    [[nodiscard]] bool take_rows();
    [[nodiscard]] static Run* take_four(std::int32_t row, std::int32_t* at, Run* run) noexcept;
    [[nodiscard]] Run* take_row(std::int32_t row, Run* run) noexcept;
    [[nodiscard]] Run* room_for_runs(std::size_t more);
    void take_run(const Run& run);

    Cells cells_;
    Rule rule_;
    PolygonReader reader_;
    std::vector<double> row_centres_;  // and a few more, since crossings are found four by four

    // The part at hand.
    const double* vertices_ = nullptr;
    std::vector<std::int32_t> rows_above_;  // for each vertex, the number of row centres with a smaller y
    std::vector<Edge> edges_;
    std::size_t edge_count_ = 0;
    Crossings found_;
    std::vector<Doubt> doubts_;
    Extent extent_;
    std::int32_t top_ = 0;
    std::int32_t bottom_ = 0;

    std::vector<Row> rows_;  // from `top_` on, so that few are in use
    CellSet crossings_;
    CellSet united_;
    std::vector<Run> runs_;  // the first `run_count_` of them; never shrunk
    std::size_t run_count_ = 0;
};

}  // namespace heatgrid
