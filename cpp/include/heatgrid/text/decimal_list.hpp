#pragma once

#include "heatgrid/text/column.hpp"

namespace heatgrid {

/// Reads short numbers of a list, as exporters write coordinates: "12.34, 5, 678.9]".
///
/// Starts at `text`, where a number begins, and stops at the first that has more than eight characters, a
/// sign or an exponent, is not followed by a comma or ']' and at most one blank, or is near the end. Appends
/// the values of read_decimal to `values`. Returns the end of the last number read, or `text`.
///
/// Bitmasks of 64-character blocks give the ends of the numbers, so that no number waits for the previous
/// one (see text_block.hpp); AVX2 converts four at a time. Cost: about five nanoseconds per number. Never
/// reads past `end`. Throws std::bad_alloc.
const char* read_short_decimals(const char* text, const char* end, Column<double>& values);

}  // namespace heatgrid
