#include "heatgrid/count/add_points.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {
namespace {

// Calls use(cell) for the points begin .. end - 1.
template <class Use>
void for_each_cell(const Points& points, OutsidePoints outside, const Batch& batch, const Counts& counts,
                   std::size_t begin, std::size_t end, const Use& use) {
    const Cells cells(counts.grid);
    const auto columns = static_cast<std::size_t>(counts.grid.columns);
    const std::int64_t* const labels = batch.labels;
    Outcome* const outcomes = batch.outcomes;
    for (std::size_t i = begin; i < end; ++i) {
        const PointCell point = scan_point(points, i, cells, outside);
        outcomes[i] = point.outcome;
        if (point.outcome != Outcome::counted) continue;
        const std::size_t plane = labels ? static_cast<std::size_t>(labels[i]) : 0;
        use(counts.plane(
            plane)[static_cast<std::size_t>(point.row) * columns + static_cast<std::size_t>(point.column)]);
    }
}

void check_room(const Points& points, OutsidePoints outside, const Batch& batch, const Counts& counts) {
    Magnitude largest;
    if (batch.count * 16 <= counts.cells()) {  // fewer than cells
        for_each_cell(points, outside, batch, counts, 0, batch.count,
                      [&](const std::int64_t& cell) { largest.include(&cell, 1); });
    } else {
        largest.include(counts.values, counts.cells());
    }
    largest.check();
}

}  // namespace

// A point is one addition, so the first worker adds in place; the others' grids must be worth their sum.
void add_points(const Points& points, OutsidePoints outside, const Batch& batch, const Counts& counts) {
    const bool may_share = counts.cells() * sizeof(std::int64_t) <= planes_limit;
    const std::size_t workers =
        may_share ? std::max<std::size_t>(1, std::min(batch.threads, batch.count)) : 1;
    const auto others = std::make_shared<std::vector<std::vector<std::int64_t>>>(workers - 1);
    for (std::vector<std::int64_t>& own : *others) own.assign(counts.cells(), 0);
    const auto write = [=] {
        share(batch.count, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
            Counts own = counts;
            if (worker > 0) own.values = (*others)[worker - 1].data();
            for_each_cell(points, outside, batch, own, begin, end, [](std::int64_t& cell) { ++cell; });
        });
        for (const std::vector<std::int64_t>& own : *others) {
            for (std::size_t i = 0; i < own.size(); ++i) counts.values[i] += own[i];
        }
    };
    batch.finish([=] { check_room(points, outside, batch, counts); }, write);
}

}  // namespace heatgrid
