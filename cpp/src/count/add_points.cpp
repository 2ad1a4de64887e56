#include "heatgrid/count/add_points.hpp"

#include <algorithm>
#include <vector>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/threads/interrupt.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t block = 4096;
constexpr std::size_t steps_per_point = 5;

void add_some(const Points& points, OutsidePoints outside, const WorkRange& range, const Counts& counts) {
    const Cells cells(counts.grid);
    const auto columns = static_cast<std::size_t>(counts.grid.columns);
    Checkpoint check;
    for (std::size_t begin = range.begin; begin < range.end; begin += block) {
        const std::size_t end = std::min(begin + block, range.end);
        check(steps_per_point * (end - begin));
        for (std::size_t i = begin; i < end; ++i) {
            const PointCell point = scan_point(points, i, cells, outside);
            range.outcomes[i] = point.outcome;
            if (point.outcome != Outcome::counted) continue;
            ++counts.plane(range.plane(
                i))[static_cast<std::size_t>(point.row) * columns + static_cast<std::size_t>(point.column)];
        }
    }
}

}  // namespace

// A point is one addition, so the first worker adds in place; the others' grids must be worth their sum.
void add_points(const Points& points, OutsidePoints outside, const Batch& batch, const Counts& counts) {
    const bool may_share = counts.cells() * sizeof(std::int64_t) <= planes_limit;
    const std::size_t workers =
        may_share ? std::max<std::size_t>(1, std::min(batch.threads, batch.count)) : 1;
    std::vector<std::vector<std::int64_t>> others(workers - 1);
    share(batch.count, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        Counts own = counts;
        if (worker > 0) {
            others[worker - 1].assign(counts.cells(), 0);
            own.values = others[worker - 1].data();
        }
        add_some(points, outside,
                 {begin, end, nullptr, batch.labels, counts.classes, nullptr, batch.outcomes}, own);
    });
    for (const std::vector<std::int64_t>& own : others) {
        for (std::size_t i = 0; i < own.size(); ++i) counts.values[i] += own[i];
    }
}

}  // namespace heatgrid
