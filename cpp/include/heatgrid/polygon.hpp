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

// An edge that crosses rows, by its vertices: i is `to`, j is `from`.
struct PolygonEdge {
    std::uint32_t from, to;
};

// Where edges cross rows of centres, to be guessed: the number of column centres left of each crossing, cut
// to some columns. A guess within `sure` of a whole number is proven, where the edge rises enough; edges of
// which that does not hold are left to the exact rule.
struct CrossingTask {
    const double* vertices;
    const std::int32_t* rows_above;
    const double* row_centres;  // and three more
    double columns_across;
    std::int32_t first_column, last_column;
    double sure;
    double least_rise;
    const PolygonEdge* edges;
    std::size_t edge_count;
    // As many crossings as these are enough, doubtful ones included; but edges come whole, and there must be
    // room for three crossings more.
    std::size_t limit;
    std::int32_t* rows;
    std::int32_t* columns;
    PolygonEdge* doubts;
};

struct CrossingsFound {
    std::size_t edges = 0;
    std::size_t crossings = 0;
    std::size_t doubts = 0;
};

// Scratch memory for one thread, reused from annotation to annotation.
class PolygonScan {
  public:
    PolygonScan(Grid grid, Rule rule);

    // Finds the runs that an annotation hits, no cell twice; they stay valid until the next call. Allocates
    // only when an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Polygons& polygons, std::size_t annotation);
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), run_count_}; }

  private:
    // Rows top .. bottom - 1.
    struct RowRange {
        std::int32_t top, bottom;
    };
    // Some crossings of a part, in no order: few enough to stay in the cache.
    struct Crossings {
        std::size_t count = 0;
        std::vector<std::int32_t> rows;
        std::vector<std::int32_t> columns;  // the number of column centres left of the crossing
    };
    // Room for a row's crossings: few, nearly always; a part that has a row with more goes through
    // `crossings_`.
    static constexpr std::uint32_t row_limit = 16;

    [[nodiscard]] Extent load_part();
    void load_ring(std::size_t first, std::size_t last);
    void find_rows(std::size_t first, std::size_t last);
    void settle_ties(std::size_t first, std::size_t last) noexcept;
    void find_crossing_edges(std::size_t first, std::size_t last) noexcept;
    void scan_part();
    template <class Mark>
    void mark_crossings(Mark&& mark);
    [[nodiscard]] std::size_t find_crossings(std::size_t first_edge, std::int32_t first_column,
                                             std::int32_t last_column) noexcept;
    [[nodiscard]] static CrossingsFound guess_crossings(const CrossingTask& task) noexcept;
    [[nodiscard]] RowRange rows_of(const PolygonEdge& edge) const noexcept;
    [[nodiscard]] double exact_crossing(const PolygonEdge& edge, std::int32_t row) const noexcept;
    [[nodiscard]] bool take_rows();
    [[nodiscard]] static Run* take_four(std::int32_t row, std::int32_t* at, Run* run) noexcept;
    [[nodiscard]] static Run* take_row(std::int32_t row, const std::int32_t* at, std::uint32_t crossings,
                                       Run* run) noexcept;
    [[nodiscard]] Run* room_for_runs(std::size_t more);
    void take_run(const Run& run);

    Cells cells_;
    Rule rule_;
    PolygonReader reader_;
    std::vector<double> row_centres_;  // and a few more, since crossings are found four by four

    // The part at hand.
    const double* vertices_ = nullptr;
    std::vector<std::int32_t> rows_above_;  // for each vertex, the number of row centres with a smaller y
    std::vector<PolygonEdge> edges_;
    std::size_t edge_count_ = 0;
    Crossings found_;
    std::vector<PolygonEdge> doubts_;
    Extent extent_;
    std::int32_t top_ = 0;
    std::int32_t bottom_ = 0;

    // From `top_` on, so that few are in use: how many crossings a row has, and the first `row_limit` of
    // them.
    std::vector<std::uint32_t> row_counts_;
    std::vector<std::int32_t> row_crossings_;
    CellSet crossings_;
    CellSet united_;
    std::vector<Run> runs_;  // the first `run_count_` of them; never shrunk
    std::size_t run_count_ = 0;
};

}  // namespace heatgrid
