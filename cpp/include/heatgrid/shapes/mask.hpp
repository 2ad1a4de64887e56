// Masks to cells: from run-length codes, without decoding them to an image, and from bitmaps, without copying
// them.
//
// A mask of h x w pixels covers the image; it is the union of its set pixels, each a half-open square. Cell
// (r, c) is hit when the pixel at its centre is set: (floor(y_r * h), floor(x_c * w)), products in double
// precision. Where a mask with set pixels has none at a centre, the cell of the mean of their centres is hit.
// Touched cells and covered areas are exact, in whole numbers.
//
// How: pixels come in lines, columns for COCO, rows for others; a run of pixels becomes at most three blocks
// of pixels, those in full lines and the rest at either end; a block becomes a rectangle of cells. Under
// Rule::center, runs that end before the next line with a centre cost a comparison.
// Cost: proportional to the code, or to the bitmap's pixels (under Rule::center, to its lines with a centre),
// plus the cells hit; never to the pixels of a code, nor to the grid.
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

namespace heatgrid {

// Scratch memory for one thread, reused from annotation to annotation.
class MaskScan {
  public:
    MaskScan(Grid grid, Rule rule);

    // Finds the cells that an annotation hits, none twice; they stay valid until the next call. A size that
    // is not positive or above max_pixels_per_axis, a broken code, a negative run, or runs that do not sum
    // to exactly h * w make it invalid. Allocates only when an annotation is larger than all before it.
    [[nodiscard]] Outcome scan(const Masks& masks, std::size_t annotation);

    // Whether it is valid, without looking for cells.
    [[nodiscard]] bool is_sound(const Masks& masks, std::size_t annotation);

    // All cells that are hit; under Rule::area those that are covered whole,
    [[nodiscard]] Runs runs() const noexcept { return {runs_.data(), runs_.size()}; }
    // and the others, by the exact share of each that is covered, once rounded.
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
    PixelAxis columns_;
    PixelAxis rows_;

    // The mask at hand: the axis across its lines and the axis along them.
    PixelAxis* lines_ = nullptr;
    PixelAxis* along_ = nullptr;
    bool is_by_columns_ = false;
    bool is_sampled_ = false;  // whether only lines with a centre matter
    std::int64_t size_ = 0;    // h * w

    // The run at hand: the pixel it begins at, and whether it is of set pixels.
    std::int64_t position_ = 0;
    bool is_set_ = false;
    // The first line that matters from the run before on, and its pixels.
    std::int64_t line_ = 0;
    std::int64_t line_begin_ = 0;
    std::int64_t line_end_ = 0;
    std::int32_t first_cell_ = 0;  // the cells whose centre lies in it, when sampled
    std::int32_t last_cell_ = 0;

    ColumnRuns column_runs_;
    CellSet touched_rows_;     // for masks by rows,
    CellSet touched_columns_;  // and by columns, with rows and columns exchanged
    PixelCoverage coverage_;
    std::vector<std::uint8_t> adjacent_;  // one line of a bitmap whose pixels are not adjacent
    std::vector<Run> runs_;
    std::vector<PartialCell> partial_cells_;
};

}  // namespace heatgrid
