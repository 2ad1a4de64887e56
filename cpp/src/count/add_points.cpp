#include "heatgrid/count/add_points.hpp"

#include <algorithm>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {
namespace {

// Counts the points annotation_at(begin) .. annotation_at(end - 1) in place.
template <class Annotation>
void add_some_points(const Points& points, OutsidePoints outside, const Batch& batch, Counts counts,
                     std::size_t begin, std::size_t end, const Annotation& annotation_at) {
    const Cells cells(counts.grid);
    const auto columns = static_cast<std::size_t>(counts.grid.columns);
    const std::int64_t* const labels = batch.labels;
    Outcome* const outcomes = batch.outcomes;
    for (std::size_t i = begin; i < end; ++i) {
        const std::size_t annotation = annotation_at(i);
        const PointCell point = scan_point(points, annotation, cells, outside);
        outcomes[annotation] = point.outcome;
        if (point.outcome != Outcome::counted) continue;
        const std::size_t plane = labels ? static_cast<std::size_t>(labels[annotation]) : 0;
        ++counts.plane(
            plane)[static_cast<std::size_t>(point.row) * columns + static_cast<std::size_t>(point.column)];
    }
}

}  // namespace

// A point is one addition, so the first worker adds in place; the others' grids must be worth their sum.
void add_points(const Points& points, OutsidePoints outside, const Batch& batch, const Counts& counts) {
    const bool may_share = counts.cells() * sizeof(std::int64_t) <= planes_limit;
    const std::size_t workers =
        may_share ? std::max<std::size_t>(1, std::min(batch.threads, batch.count)) : 1;
    std::vector<std::vector<std::int64_t>> own_counts(workers);
    share(batch.count, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        Counts own = counts;
        if (worker > 0) {
            own_counts[worker].assign(counts.cells(), 0);
            own.values = own_counts[worker].data();
        }
        if (const std::size_t* const order = batch.order) {
            add_some_points(points, outside, batch, own, begin, end,
                            [order](std::size_t i) { return order[i]; });
        } else {
            add_some_points(points, outside, batch, own, begin, end, [](std::size_t i) { return i; });
        }
    });
    for (const std::vector<std::int64_t>& own : own_counts) {
        for (std::size_t i = 0; i < own.size(); ++i) counts.values[i] += own[i];
    }
}

}  // namespace heatgrid
