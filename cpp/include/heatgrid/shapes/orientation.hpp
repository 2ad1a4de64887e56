// Two questions about the line through two points, answered exactly whatever doubles the coordinates are.
//
// Doubles are integers times powers of two, so differences and products of them can be worked out in whole,
// as integers of up to 4,200 bits. `orientation` does so only where double arithmetic proves nothing: its
// sign is beyond next_ambiguous where it is greater than a bound on its rounding errors (the bound is
// Shewchuk's; it holds but for underflow, for which a little is added, and an overflow makes the comparison
// fail). Cost: a few nanoseconds, or about a hundred where the answer is in next_ambiguous; a few thousand
// for coordinates like 1e300 and 1e-300 in one question. None throws or allocates.
#pragma once

namespace heatgrid {

struct Position {
    double x = 0.0;
    double y = 0.0;
};

// On which side of the line from a to b the position c lies: the sign of (b - a) x (c - a). For a line that
// goes downwards, the sign of its x at the height of c, minus c.x. Coordinates are finite.
[[nodiscard]] int orientation(const Position& a, const Position& b, const Position& c) noexcept;

// The x of the line through a and b at the height y, to 50 bits, however far away a and b are. Precondition:
// a.y != b.y.
[[nodiscard]] double crossing(const Position& a, const Position& b, double y) noexcept;

}  // namespace heatgrid
