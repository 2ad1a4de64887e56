#include "heatgrid/shapes/point.hpp"

namespace heatgrid {

Outcome PointSetScan::scan(const PointSets& sets, std::size_t annotation) {
    runs_.clear();
    // The size is the annotation's, the coordinates the point's.
    Points one{nullptr, 1, {}};
    if (!sets.sizes.normalized()) one.sizes = {sets.sizes.pairs + sets.sizes.stride * annotation, 0};
    bool is_any = false;
    bool is_finite = true;
    for (std::size_t k = sets.first_point(annotation); k < sets.first_point(annotation + 1); ++k) {
        check_(10);
        if (!sets.is_visible(k)) continue;
        is_any = true;
        one.coordinates = sets.coordinates + 2 * k;
        const PointCell point = scan_point(one, 0, cells_, OutsidePoints::drop);
        is_finite &= point.outcome != Outcome::not_finite;
        if (point.outcome == Outcome::counted) hit_.insert({point.row, point.column, point.column + 1});
    }
    hit_.consume_runs([&](const Run& run) {
        if (is_finite) runs_.push_back(run);
    });
    if (!is_finite) return Outcome::not_finite;
    if (!is_any) return Outcome::empty;
    return runs_.empty() ? Outcome::outside : Outcome::counted;
}

}  // namespace heatgrid
