// Boxes to rectangles of cells.
//
// Corners come in any order and are clamped to the image. Both edges are closed: under Rule::center a box
// hits the cells whose center c satisfies low <= c <= high on both axes. A box with extent that contains no
// center hits the cell of its clamped middle. Constant time per box. No function throws or allocates.
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
    /// A box whose unclamped area relative to its image is greater hits only the cell of its middle.
    double large_box_ratio = std::numeric_limits<double>::infinity();
};

/// Cells of one box: an empty rectangle, unless the box is counted.
struct BoxCells {
    Rectangle cells;
    Outcome outcome = Outcome::not_finite;
};

[[nodiscard]] BoxCells scan_box(const Boxes& boxes, std::size_t index, const Cells& cells,
                                const BoxOptions& options) noexcept;

/// Scans boxes begin .. end - 1, end - begin <= box_block.
inline constexpr std::size_t box_block = 256;
void scan_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                const BoxOptions& options, Rectangle* rectangles, Outcome* outcomes) noexcept;

/// Scans boxes under Rule::center without a limit, for the rest of a block.
void scan_few_boxes(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                    Rectangle* rectangles, Outcome* outcomes) noexcept;

/// A box under Rule::area: up to nine rectangles of cells, each covered to one exact share.
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
