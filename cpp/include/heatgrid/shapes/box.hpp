// Boxes to rectangles of cells.
//
// Corners come in any order, are clamped to the image, and both edges are closed: under Rule::center a box
// hits the cells whose centre c satisfies low <= c <= high on both axes. A box with extent that holds
// no centre hits the cell of its clamped middle, so that nothing disappears.
// Cost: constant a box. None throws or allocates.
#pragma once

#include <cstddef>
#include <limits>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/grid.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/grid/rule.hpp"

namespace heatgrid {

struct BoxOptions {
    Rule rule = Rule::center;
    // A box whose unclamped area over its image's area is greater than this hits only the cell of its middle.
    double large_box_ratio = std::numeric_limits<double>::infinity();
};

// The cells of one box; none, an empty rectangle, unless the outcome is counted or fallback.
struct BoxCells {
    Rectangle cells;
    Outcome outcome = Outcome::not_finite;
};

[[nodiscard]] BoxCells scan_box(const Boxes& boxes, std::size_t index, const Cells& cells,
                                const BoxOptions& options) noexcept;

// The same for boxes begin .. end - 1, end - begin <= box_block, many at a time.
inline constexpr std::size_t box_block = 256;
void scan_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                const BoxOptions& options, Rectangle* rectangles, Outcome* outcomes) noexcept;

// The same under Rule::center without a limit, one box after the other: for what is left of many.
void scan_few_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                    Rectangle* rectangles, Outcome* outcomes) noexcept;

// Rule::area: a box as rectangles of cells, each covered to one exact fraction: corners, edges and the
// inside.
struct BoxCover {
    struct Part {
        Rectangle cells;
        double fraction;
    };
    Outcome outcome = Outcome::not_finite;
    std::size_t count = 0;
    Part parts[9];
};

[[nodiscard]] BoxCover cover_box(const Boxes& boxes, std::size_t index, const Cells& cells) noexcept;

}  // namespace heatgrid
