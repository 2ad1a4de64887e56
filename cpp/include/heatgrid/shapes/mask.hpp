// Masks to cells: from run-length codes without decoding them, and from bitmaps without copying them.
//
// A mask of h x w pixels covers the image; it is the union of its set pixels, each a half-open square. Cell
// (r, c) is hit if the pixel at its center is set: (floor(y_r * h), floor(x_c * w)), products in double
// precision. If no set pixel is at a center, the cell of the mean of their centers is hit. Touched cells and
// covered areas are exact, in integers.
//
// Method: pixels come in lines, which are columns for COCO and rows for others. A run of pixels becomes at
// most three blocks of pixels, one of full lines and one at either end; a block becomes a rectangle of cells.
// Under Rule::center, a run that ends before the next line with a center costs one comparison. O(code), or
// O(pixels) of a bitmap (under Rule::center, of its lines with a center), plus the cells hit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/shapes/box.hpp"
#include "heatgrid/shapes/column_runs.hpp"
#include "heatgrid/shapes/pixel_coverage.hpp"
#include "heatgrid/shapes/pixels.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

/// Holds scratch memory for one thread, reused from annotation to annotation.
class MaskScan {
  public:
    MaskScan(Grid grid, Rule rule);

    /// Finds the cells that an annotation hits, none twice; they stay valid until the next call. A mask is
    /// broken if its size is not positive or above max_pixels_per_axis, if its code is broken, if a run is
    /// negative, or if the runs do not add up to h * w. Allocates only if an annotation is larger than all
    /// before it.
    [[nodiscard]] Outcome scan(const Masks& masks, std::size_t annotation);

    /// Whether the mask is valid; finds no cells.
    [[nodiscard]] bool is_valid_mask(const Masks& masks, std::size_t annotation);

    /// All cells that are hit; under Rule::area those that are covered completely.
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }
    /// The other cells under Rule::area, by their covered share, rounded once.
    [[nodiscard]] const std::vector<PartialCell>& partial_cells() const noexcept { return partial_cells_; }

  private:
    [[nodiscard]] bool load(const Masks& masks, std::size_t annotation) noexcept;

    template <class Take>
    [[nodiscard]] bool read(const Masks& masks, std::size_t annotation, Take&& take);
    template <class Take>
    [[nodiscard]] bool read_runs(const std::int64_t* counts, std::size_t size, Take&& take);
    template <class Take>
    void read_run(std::int64_t begin, std::int64_t end, Take&& take);
    void seek(std::int64_t pixel) noexcept;
    void sample_line(std::int32_t cell) noexcept;
    void begin_line(std::int64_t line) noexcept;
    template <class Take>
    void read_bitmap(const Bitmap& bitmap, Take&& take);

    [[nodiscard]] bool sample(const Masks& masks, std::size_t annotation);
    [[nodiscard]] bool touch(const Masks& masks, std::size_t annotation);
    [[nodiscard]] bool cover(const Masks& masks, std::size_t annotation);
    [[nodiscard]] Outcome hit_mean(const Masks& masks, std::size_t annotation);
    void place(const CellBlock& cells);

    Cells cells_;
    Rule rule_;
    Checkpoint check_;
    PixelAxis columns_;
    PixelAxis rows_;

    // The current mask: the axis across its lines and the axis along them.
    PixelAxis* lines_ = nullptr;
    PixelAxis* along_ = nullptr;
    bool is_by_columns_ = false;
    bool is_sampled_ = false;  // whether only lines with a center matter
    std::int64_t size_ = 0;    // h * w

    // The current run: its first pixel, and whether its pixels are set.
    std::int64_t position_ = 0;
    bool is_set_ = false;
    // The first relevant line from the previous run on, and its pixels.
    std::int64_t line_ = 0;
    std::int64_t line_begin_ = 0;
    std::int64_t line_end_ = 0;
    std::int32_t first_cell_ = 0;  // the cells whose center lies in it, when sampled
    std::int32_t last_cell_ = 0;

    ColumnRuns column_runs_;
    CellSet touched_rows_;     // for masks by rows,
    CellSet touched_columns_;  // and by columns, transposed
    PixelCoverage coverage_;
    std::vector<std::uint8_t> adjacent_;  // one line of a bitmap whose pixels are not adjacent
    std::vector<Run> runs_;
    std::vector<PartialCell> partial_cells_;
};

}  // namespace heatgrid
