// Exact predicates about the line through two points, for any finite doubles.
//
// Error-free orientation test after J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast
// Robust Geometric Predicates", Discrete & Computational Geometry 18 (1997): double arithmetic decides if the
// result exceeds its error bound (enlarged slightly for underflow; overflow makes the comparison fail). If
// not, differences and products are computed exactly, as integers of up to 4,200 bits, since a double is an
// integer times a power of two. A few nanoseconds; about a hundred if the result is ambiguous; a few thousand
// for coordinates such as 1e300 and 1e-300 in one call. No function throws or allocates.
#pragma once

namespace heatgrid {

struct Position {
    double x = 0.0;
    double y = 0.0;
};

/// The side of the line from a to b on which c lies: the sign of (b - a) x (c - a). For a line that leads
/// down, the sign of its x at the height of c, minus c.x. Coordinates are finite.
[[nodiscard]] int orientation(const Position& a, const Position& b, const Position& c) noexcept;

/// The x of the line through a and b at the height y, to 50 bits, for any magnitude of a and b.
/// Precondition: a.y != b.y.
[[nodiscard]] double crossing(const Position& a, const Position& b, double y) noexcept;

}  // namespace heatgrid
