// Lists of short decimals, as exporters write coordinates: "12.34, 5, 678.9]".
//
// Where numbers end is found sixty-four characters at a time, so that none waits for the one before it; and
// what they are, four at a time, where the processor has AVX2. The doubles are those of read_decimal.
// Cost: about five nanoseconds a number. None reads past the end. Throws std::bad_alloc.
#pragma once

#include "heatgrid/text/column.hpp"

namespace heatgrid {

// Reads the numbers of a list from `text` on, where one begins, as long as each has up to eight characters
// and no sign or exponent, a comma or ']' right behind it, and a blank at most behind that; and as long as
// this is well before the end. Adds them to `values`. Returns where the last one ends; `text` where there is
// none.
const char* read_short_decimals(const char* text, const char* end, Column<double>& values);

}  // namespace heatgrid
