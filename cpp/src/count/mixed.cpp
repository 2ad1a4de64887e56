#include "heatgrid/count/mixed.hpp"

namespace heatgrid {

Outcome PointSetScan::scan(const PointSets& sets, std::size_t annotation) {
    runs_.clear();
    const auto first = static_cast<std::size_t>(sets.offsets[annotation]);
    const auto last = static_cast<std::size_t>(sets.offsets[annotation + 1]);
    // The size is the annotation's, the coordinates the point's.
    Points one{nullptr, 1, {}};
    if (!sets.sizes.normalised()) one.sizes = {sets.sizes.pairs + sets.sizes.stride * annotation, 0};
    bool is_any = false;
    bool is_valid = true;
    for (std::size_t k = first; k < last; ++k) {
        if (sets.visible && !sets.visible[k]) continue;
        is_any = true;
        one.coordinates = sets.coordinates + 2 * k;
        const PointCell point = scan_point(one, 0, cells_, OutsidePoints::drop);
        is_valid &= point.outcome != Outcome::invalid;
        if (point.outcome == Outcome::counted) hit_.insert({point.row, point.column, point.column + 1});
    }
    hit_.drain_runs([&](const Run& run) {
        if (is_valid) runs_.push_back(run);
    });
    if (!is_valid) return Outcome::invalid;
    if (!is_any) return Outcome::empty;
    return runs_.empty() ? Outcome::outside : Outcome::counted;
}

Outcome MixedScan::scan(const Mixed& mixed, std::size_t annotation) {
    runs_.clear();
    switch (static_cast<Kind>(mixed.kinds[annotation])) {
        case Kind::box:
            return scan_one_box(mixed.boxes, annotation);
        case Kind::polygon:
            if (options_.rule == Rule::touch) {
                if (!touched_polygons_) touched_polygons_.emplace(grid_);
                return scan_with(*touched_polygons_, mixed.polygons, annotation);
            }
            if (!polygons_) polygons_.emplace(grid_, options_.rule);
            return scan_with(*polygons_, mixed.polygons, annotation);
        case Kind::mask:
            if (!masks_) masks_.emplace(grid_, options_.rule);
            return scan_with(*masks_, mixed.masks, annotation);
        case Kind::points:
            if (!points_) points_.emplace(grid_);
            return scan_with(*points_, mixed.points, annotation);
        case Kind::lines:
            if (!lines_) lines_.emplace(grid_, options_.rule);
            return scan_with(*lines_, mixed.lines, annotation);
    }
    return Outcome::invalid;
}

Outcome MixedScan::scan_one_box(const Boxes& boxes, std::size_t annotation) {
    const BoxCells box = scan_box(boxes, annotation, cells_, options_);
    for (std::int32_t row = box.cells.top; row < box.cells.bottom; ++row) {
        if (box.cells.left < box.cells.right) runs_.push_back({row, box.cells.left, box.cells.right});
    }
    return box.outcome;
}

template <class Scan, class Shapes>
Outcome MixedScan::scan_with(Scan& scan, const Shapes& shapes, std::size_t annotation) {
    const Outcome outcome = scan.scan(shapes, annotation);
    for (const Run& run : scan.runs()) runs_.push_back(run);
    return outcome;
}

}  // namespace heatgrid
