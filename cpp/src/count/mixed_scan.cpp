#include "heatgrid/count/mixed_scan.hpp"

namespace heatgrid {

Outcome MixedScan::scan(const Shapes& shapes, std::size_t annotation) {
    runs_.clear();
    switch (static_cast<Kind>(shapes.kinds[annotation])) {
        case Kind::box:
            return scan_one_box(shapes.boxes, annotation);
        case Kind::polygon:
            if (options_.rule == Rule::touch) {
                return scan_with(touched_polygons_, shapes.polygons, annotation, grid_);
            }
            return scan_with(polygons_, shapes.polygons, annotation, grid_, options_.rule);
        case Kind::mask:
            return scan_with(masks_, shapes.masks, annotation, grid_, options_.rule);
        case Kind::points:
            return scan_with(points_, shapes.points, annotation, grid_);
        case Kind::lines:
            return scan_with(lines_, shapes.lines, annotation, grid_, options_.rule);
        case Kind::disc:
            return scan_with(discs_, shapes.discs, annotation, grid_);
    }
    return Outcome::no_geometry;
}

Outcome MixedScan::scan_one_box(const Boxes& boxes, std::size_t annotation) {
    const BoxCells box = scan_box(boxes, annotation, cells_, options_);
    for (std::int32_t row = box.cells.top; row < box.cells.bottom; ++row) {
        if (box.cells.left < box.cells.right) runs_.push_back({row, box.cells.left, box.cells.right});
    }
    return box.outcome;
}

template <class Scan, class View, class... Arguments>
Outcome MixedScan::scan_with(std::optional<Scan>& scan, const View& view, std::size_t annotation,
                             const Arguments&... arguments) {
    if (!scan) scan.emplace(arguments...);
    const Outcome outcome = scan->scan(view, annotation);
    for (const Run& run : scan->runs()) runs_.push_back(run);
    return outcome;
}

}  // namespace heatgrid
