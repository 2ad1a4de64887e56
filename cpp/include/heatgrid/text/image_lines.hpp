#pragma once

#include <cstddef>
#include <cstdint>

#include "heatgrid/text/column.hpp"

namespace heatgrid {

/// Images of a text of JSON Lines (Ultralytics NDJSON), and the rows of numbers that each has.
struct ImageLines {
    Column<std::int64_t> lines;    ///< each image's line, from 0
    Column<double> sizes;          ///< width and height; NaN where absent
    Column<char> names;            ///< UTF-8, a newline after each
    Column<char> splits;           ///< likewise
    Column<std::int64_t> kinds;    ///< index of the list's key, -1 without a list
    Column<std::int64_t> rows;     ///< rows of each image
    Column<double> values;         ///< numbers of all rows
    Column<std::int64_t> lengths;  ///< numbers per row
    Column<std::int64_t> others;   ///< lines that a slower reader must read
    Column<std::int64_t> bounds;   ///< begin and end of each of them in the text
    std::int64_t count = 0;        ///< lines of the text, blank ones too
};

/// Reads the lines of a text. Blank lines are passed over. A line is left to a slower reader unless it is an
/// object of type "image" whose `annotations` hold at most one list, of rows of decimal numbers, under the
/// key boxes, segments, obb, pose or keypoints, and whose strings `file` and `split` have no escapes.
///
/// Cost: proportional to the text. Throws std::bad_alloc. The text must be UTF-8.
[[nodiscard]] ImageLines scan_image_lines(const char* text, std::size_t size);

}  // namespace heatgrid
