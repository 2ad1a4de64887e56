#include "heatgrid/count/accumulate.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "heatgrid/count/parallel.hpp"
#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/shapes/area/polygon_cover.hpp"
#include "heatgrid/shapes/polygon.hpp"
#include "heatgrid/shapes/touch.hpp"

namespace heatgrid {
namespace {

// Shapes that a scan turns into runs: scan(annotation) says what became of it, hand_over(take_band,
// take_runs) which cells it hits.
template <class Amounts, class MakeScan>
Tally add_runs(std::size_t count, const Batch& batch, const Planes<typename Amounts::Cell>& planes,
               const Amounts& amounts, const MakeScan& make_scan) {
    return count_batch<Run>(
        count, batch, planes, amounts, [&](const Selection& selection, auto& sink, Tally& tally) {
            auto scan = make_scan();
            for (std::size_t i = selection.begin; i < selection.end; ++i) {
                const std::size_t annotation = selection.annotation(i);
                selection.note(annotation, scan.scan(annotation), tally);
                const std::size_t plane = selection.plane(annotation);
                const auto add = [&](const auto& cells) { sink.add_all(plane, cells, amounts(annotation)); };
                scan.hand_over(add, add);
            }
        });
}

// Rule::area: runs() are the cells covered whole, partial_cells() the others, each by its share.
template <class MakeScan>
Tally add_covers(std::size_t count, const Batch& batch, const Sums& sums, const MakeScan& make_scan) {
    const Weights weights = weights_of(batch, count);
    return count_batch<Run>(count, batch, sums, weights,
                            [&](const Selection& selection, auto& sink, Tally& tally) {
                                auto scan = make_scan();
                                for (std::size_t i = selection.begin; i < selection.end; ++i) {
                                    const std::size_t annotation = selection.annotation(i);
                                    selection.note(annotation, scan.scan(annotation), tally);
                                    const std::size_t plane = selection.plane(annotation);
                                    sink.add_all(plane, scan.runs(), weights(annotation));
                                    for (const PartialCell& cell : scan.partial_cells()) {
                                        sink.add(plane, Run{cell.row, cell.column, cell.column + 1},
                                                 weights.share(annotation, cell.fraction));
                                    }
                                }
                            });
}

template <class MakeScan>
Tally unite_runs(std::size_t count, const Batch& batch, const Counts& counts, const MakeScan& make_scan) {
    return count_batch<Run>(count, batch, counts, Ones{},
                            [&](const Selection& selection, auto& sink, Tally& tally) {
                                auto scan = make_scan();
                                CellSet image(counts.grid);
                                for (std::size_t i = selection.begin; i < selection.end; ++i) {
                                    const std::size_t annotation = selection.annotation(i);
                                    selection.note(annotation, scan.scan(annotation), tally);
                                    scan.hand_over([&](const Band& band) { image.insert(band); },
                                                   [&](const Runs& runs) {
                                                       for (const Run& run : runs) image.insert(run);
                                                   });
                                    if (!selection.ends_image(i)) continue;
                                    image.drain_runs([&](const Run& run) { sink.add(0, run, 1); });
                                }
                            });
}

// Binds a scan of a kind to its batch.
template <class Scan, class Shapes>
struct Bound {
    Scan scanner;
    const Shapes& shapes;

    Outcome scan(std::size_t annotation) { return scanner.scan(shapes, annotation); }
    [[nodiscard]] decltype(auto) runs() const noexcept { return scanner.runs(); }
    template <class TakeBand, class TakeRuns>
    void hand_over(const TakeBand& take_band, const TakeRuns& take_runs) const {
        if constexpr (std::is_same_v<Scan, PolygonScan>) {
            scanner.hand_over(take_band, take_runs);
        } else {
            take_runs(scanner.runs());
        }
    }
    [[nodiscard]] decltype(auto) partial_cells() const noexcept { return scanner.partial_cells(); }
};

class PointScan {
  public:
    PointScan(const Cells& cells, OutsidePoints outside) : cells_(cells), outside_(outside) {}

    Outcome scan(const Points& points, std::size_t index) {
        const PointCell point = scan_point(points, index, cells_, outside_);
        run_ = {point.row, point.column, point.column + 1};
        count_ = point.outcome == Outcome::counted ? 1 : 0;
        return point.outcome;
    }
    [[nodiscard]] Runs runs() const noexcept { return {&run_, count_}; }

  private:
    Cells cells_;
    OutsidePoints outside_;
    Run run_;
    std::size_t count_ = 0;
};

}  // namespace

Tally count_points(const Points& points, const Batch& batch, OutsidePoints outside, const Counts& counts) {
    const Cells cells(counts.grid);
    if (batch.images) {
        return unite_runs(points.count, batch, counts,
                          [&] { return Bound<PointScan, Points>{PointScan(cells, outside), points}; });
    }
    // A point is one addition, so the first worker adds in place; the others' grids must be worth their sum.
    const bool may_share = counts.cells() * sizeof(std::int64_t) <= planes_limit;
    const std::size_t workers =
        may_share ? std::max<std::size_t>(1, std::min(batch.threads, points.count)) : 1;
    std::vector<Tally> tallies(workers, Tally{});
    std::vector<std::vector<std::int64_t>> privates(workers);
    share(points.count, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        const Selection selection{begin, end, nullptr, batch.labels, nullptr, batch.outcomes};
        Tally tally{};
        if (worker > 0) privates[worker].assign(counts.cells(), 0);
        std::int64_t* values = worker > 0 ? privates[worker].data() : counts.values;
        const auto columns = static_cast<std::size_t>(counts.grid.columns);
        for (std::size_t i = begin; i < end; ++i) {
            const PointCell point = scan_point(points, i, cells, outside);
            selection.note(i, point.outcome, tally);
            if (point.outcome != Outcome::counted) continue;
            ++values[selection.plane(i) * counts.grid.cells() +
                     static_cast<std::size_t>(point.row) * columns + static_cast<std::size_t>(point.column)];
        }
        tallies[worker] = tally;
    });
    for (const std::vector<std::int64_t>& own : privates) {
        for (std::size_t i = 0; i < own.size(); ++i) counts.values[i] += own[i];
    }
    return sum(tallies);
}

Tally sum_points(const Points& points, const Batch& batch, OutsidePoints outside, const Sums& sums) {
    return add_runs(points.count, batch, sums, weights_of(batch, points.count),
                    [&] { return Bound<PointScan, Points>{PointScan(Cells(sums.grid), outside), points}; });
}

namespace {

// Hands the scan that the rule asks for to use(make_scan).
template <class Use>
Tally with_polygon_scan(const Polygons& polygons, Grid grid, Rule rule, const Use& use) {
    if (rule == Rule::touch) {
        return use([&] { return Bound<PolygonTouch, Polygons>{PolygonTouch(grid), polygons}; });
    }
    return use([&] { return Bound<PolygonScan, Polygons>{PolygonScan(grid, rule), polygons}; });
}

}  // namespace

Tally count_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Counts& counts) {
    return with_polygon_scan(polygons, counts.grid, rule, [&](const auto& make_scan) {
        if (batch.images) return unite_runs(polygons.count, batch, counts, make_scan);
        return add_runs(polygons.count, batch, counts, Ones{}, make_scan);
    });
}

Tally sum_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Sums& sums) {
    if (rule == Rule::area) {
        return add_covers(polygons.count, batch, sums,
                          [&] { return Bound<PolygonCover, Polygons>{PolygonCover(sums.grid), polygons}; });
    }
    return with_polygon_scan(polygons, sums.grid, rule, [&](const auto& make_scan) {
        return add_runs(polygons.count, batch, sums, weights_of(batch, polygons.count), make_scan);
    });
}

Tally count_lines(const Lines& lines, const Batch& batch, Rule rule, const Counts& counts) {
    const auto make_scan = [&] { return Bound<LineScan, Lines>{LineScan(counts.grid, rule), lines}; };
    if (batch.images) return unite_runs(lines.count, batch, counts, make_scan);
    return add_runs(lines.count, batch, counts, Ones{}, make_scan);
}

Tally sum_lines(const Lines& lines, const Batch& batch, Rule rule, const Sums& sums) {
    return add_runs(lines.count, batch, sums, weights_of(batch, lines.count),
                    [&] { return Bound<LineScan, Lines>{LineScan(sums.grid, rule), lines}; });
}

Tally count_masks(const Masks& masks, const Batch& batch, Rule rule, const Counts& counts) {
    const auto make_scan = [&] { return Bound<MaskScan, Masks>{MaskScan(counts.grid, rule), masks}; };
    if (batch.images) return unite_runs(masks.count, batch, counts, make_scan);
    return add_runs(masks.count, batch, counts, Ones{}, make_scan);
}

Tally sum_masks(const Masks& masks, const Batch& batch, Rule rule, const Sums& sums) {
    const auto make_scan = [&] { return Bound<MaskScan, Masks>{MaskScan(sums.grid, rule), masks}; };
    if (rule == Rule::area) return add_covers(masks.count, batch, sums, make_scan);
    return add_runs(masks.count, batch, sums, weights_of(batch, masks.count), make_scan);
}

Tally count_discs(const Discs& discs, const Batch& batch, const Counts& counts) {
    const auto make_scan = [&] { return Bound<DiscScan, Discs>{DiscScan(counts.grid), discs}; };
    if (batch.images) return unite_runs(discs.count, batch, counts, make_scan);
    return add_runs(discs.count, batch, counts, Ones{}, make_scan);
}

Tally sum_discs(const Discs& discs, const Batch& batch, const Sums& sums) {
    return add_runs(discs.count, batch, sums, weights_of(batch, discs.count),
                    [&] { return Bound<DiscScan, Discs>{DiscScan(sums.grid), discs}; });
}

Tally count_mixed(const Mixed& mixed, const Batch& batch, const BoxOptions& options, const Counts& counts) {
    const auto make_scan = [&] { return Bound<MixedScan, Mixed>{MixedScan(counts.grid, options), mixed}; };
    if (batch.images) return unite_runs(mixed.count, batch, counts, make_scan);
    return add_runs(mixed.count, batch, counts, Ones{}, make_scan);
}

Tally sum_mixed(const Mixed& mixed, const Batch& batch, const BoxOptions& options, const Sums& sums) {
    return add_runs(mixed.count, batch, sums, weights_of(batch, mixed.count),
                    [&] { return Bound<MixedScan, Mixed>{MixedScan(sums.grid, options), mixed}; });
}

}  // namespace heatgrid
