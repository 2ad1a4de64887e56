// Selection of the geometry to count per annotation.
#pragma once

#include <cstdint>

#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"

namespace heatgrid {

/// Requested geometry. Automatic: the polygon if it is usable, else the mask, the box, the lines, the points.
/// Box: the box, or else the bounding box of a usable polygon. All others: that kind only.
enum class Geometry : std::uint8_t { automatic, box, polygon, mask, point, line };

/// Notes about a selected geometry; a bit each.
enum class SelectionNote : std::uint8_t {
    no_usable_polygon = 1,  ///< the box was selected, although there is a polygon
    no_usable_mask = 2,     ///< the box was selected, although there is a mask
    bounding_box = 4,       ///< the bounding box of the polygon was selected, for want of a usable box
    short_ring = 8,         ///< a ring of fewer than three vertices is ignored
};

/// Flags of annotations whose file says that they do not count: to be ignored, or outside their image.
inline constexpr std::uint8_t excluding_flags = 2 | 16;

struct SelectionInput {
    Shapes shapes;                        ///< `kinds`: the set of kinds that an annotation has
    const std::uint8_t* flags = nullptr;  ///< null: none
    const std::uint8_t* sized = nullptr;  ///< whether the image size is known or not needed; null: always
    Geometry geometry = Geometry::automatic;
    bool with_area = false;  ///< whether only what has an area can be counted
};

struct SelectionOutput {
    Outcome* outcomes = nullptr;    ///< in: pending, or the annotation is ignored; out: why it is not counted
    std::uint8_t* kinds = nullptr;  ///< the kind to count, or 0
    std::uint8_t* notes = nullptr;  ///< set of SelectionNote
    double* boxes = nullptr;        ///< (N, 4), for Geometry::box: the boxes to count; null: not wanted
};

/// Selects the geometry to count of each pending annotation. Outcomes of annotations with a usable geometry
/// stay pending.
///
/// A box is usable if it is finite; a polygon if at least one ring has three distinct vertices and every ring
/// of three or more vertices is finite; lines likewise, with two vertices; points if at least one is visible
/// and all visible ones are finite; a mask if its run lengths add up to its size. All but masks need the
/// image size. O(vertices and codes of the geometries that are examined); sizes in `shapes` are not read.
///
/// Precondition: `boxes` is not null for Geometry::box if there are polygons.
void select_geometry(const SelectionInput& input, const SelectionOutput& output);

}  // namespace heatgrid
