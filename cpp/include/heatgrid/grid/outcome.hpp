// Outcome of an annotation.
#pragma once

#include <cstdint>

namespace heatgrid {

/// Fate of an annotation. Every annotation ends in exactly one; the codes are those of `_core.Outcome`.
///
/// The kernel writes all but `other_class` and `unreadable`, which only callers know about.
enum class Outcome : std::uint8_t {
    counted = 0,
    counted_as_point = 1,    ///< too small to contain a cell center; counted at its representative point
    empty = 2,               ///< no extent
    outside = 3,             ///< extent, but no overlap with the image
    not_finite = 4,          ///< a coordinate or size is not finite, or a size is not positive
    no_size = 5,             ///< pixel coordinates, but the image size is unknown
    no_geometry = 6,         ///< nothing of the requested kind
    line_without_area = 7,   ///< a line where only areas are counted
    point_without_area = 8,  ///< points where only areas are counted
    broken_mask = 9,         ///< run lengths that do not add up to the mask's size
    too_few_vertices = 10,   ///< no ring with three distinct vertices
    line_too_short = 11,     ///< no path with two vertices
    no_visible_point = 12,
    too_complex = 13,  ///< area of a polygon whose edges cross each other or the columns too often
    other_class = 14,
    unreadable = 15,
    excluded = 16,
    pending = 255,  ///< not decided yet
};

/// Whether the annotation adds to at least one cell.
[[nodiscard]] inline bool is_counted(Outcome outcome) noexcept {
    return outcome <= Outcome::counted_as_point;
}

}  // namespace heatgrid
