#pragma once

#include "heatgrid/simd/processor.hpp"
#include "heatgrid/text/column.hpp"

namespace heatgrid {

/// Reads short numbers of a list, as exporters write coordinates: "12.34, 5, 678.9]".
///
/// Starts at `text`, where a number begins, and stops at the first that has more than eight characters, a
/// sign or an exponent, is not followed by `separator` or `last` and at most one blank, or is near the end.
/// Appends the values of read_decimal to `values`. Returns the end of the last number read, or `text`.
///
/// Bitmasks of 64-character blocks give the ends of the numbers, so that no number waits for the previous one
/// (G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 28, 2019); four numbers
/// are converted at a time. Cost: about four nanoseconds per number, a third of read_decimal's. Never reads
/// past `end`. Throws std::bad_alloc. Precondition: has_avx2().
const char* read_short_decimals_avx2(const char* text, const char* end, char separator, char last,
                                     Column<double>& values);

}  // namespace heatgrid
