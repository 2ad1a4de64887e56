#include "heatgrid/count/count.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "heatgrid/count/add_points.hpp"
#include "heatgrid/count/count_boxes.hpp"
#include "heatgrid/count/mixed_scan.hpp"
#include "heatgrid/grid/cell_set.hpp"
#include "heatgrid/grid/cells.hpp"
#include "heatgrid/shapes/area/polygon_cover.hpp"
#include "heatgrid/shapes/disc.hpp"
#include "heatgrid/shapes/line.hpp"
#include "heatgrid/shapes/mask.hpp"
#include "heatgrid/shapes/polygon.hpp"
#include "heatgrid/shapes/polygon_touch.hpp"
#include "heatgrid/simd/bits.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {
namespace {

// One point per annotation.
class PointScan {
  public:
    PointScan(Grid grid, OutsidePoints outside) : cells_(grid), outside_(outside) {}

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

// Calls take_block(block) and take_runs(runs) with the cells that a scan has found; polygons have blocks.
template <class Scan, class TakeBlock, class TakeRuns>
void for_each_span(Scan& scan, const TakeBlock& take_block, const TakeRuns& take_runs) {
    if constexpr (std::is_same_v<Scan, PolygonScan>) {
        scan.for_each_span(take_block, take_runs);
    } else {
        take_runs(scan.runs());
    }
}

template <class Scan>
constexpr bool has_partial_cells = std::is_same_v<Scan, PolygonCover> || std::is_same_v<Scan, MaskScan>;

// Scans have checkpoints of their own for large shapes.
constexpr std::size_t steps_per_shape = 100;

// One annotation after the other: its cells, and under Rule::area the cells that it covers partly.
template <class Scan, class View, class Accumulator>
void add_annotations(Scan& scan, const View& view, const WorkRange& range, Accumulator& accumulator) {
    const auto& amounts = accumulator.amounts();
    Checkpoint check;
    for (std::size_t i = range.begin; i < range.end; ++i) {
        check(steps_per_shape);
        const std::size_t annotation = range.annotation(i);
        range.outcomes[annotation] = scan.scan(view, annotation);
        const std::size_t plane = range.plane(annotation);
        const auto add = [&](const auto& cells) { accumulator.add_all(plane, cells, amounts(annotation)); };
        for_each_span(scan, add, add);
        if constexpr (has_partial_cells<Scan> && std::is_same_v<typename Accumulator::Cell, double>) {
            for (const PartialCell& cell : scan.partial_cells()) {
                accumulator.add(plane, Run{cell.row, cell.column, cell.column + 1},
                                amounts.share(annotation, cell.fraction));
            }
        }
    }
}

// The annotations of an image add 1 together.
template <class Scan, class View, class Accumulator>
void add_images(Scan& scan, const View& view, const WorkRange& range, Accumulator& accumulator, Grid grid) {
    CellSet image(grid);
    const auto insert_block = [&](const SpanBlock& block) { image.insert(block); };
    const auto insert_runs = [&](const Runs& runs) {
        for (const Run& run : runs) image.insert(run);
    };
    Checkpoint check;
    for (std::size_t i = range.begin; i < range.end; ++i) {
        check(steps_per_shape);
        const std::size_t annotation = range.annotation(i);
        range.outcomes[annotation] = scan.scan(view, annotation);
        for_each_span(scan, insert_block, insert_runs);
        if (range.ends_image(i)) image.consume_runs([&](const Run& run) { accumulator.add(0, run, 1); });
    }
}

// Counts what a Scan, made of the arguments, finds.
template <class Scan, class Cell, class View, class... Arguments>
void count_with(const View& view, const Batch& batch, const Planes<Cell>& planes,
                const Arguments&... arguments) {
    count_batch<Run>(batch, planes, amounts_of<Cell>(batch), [&](const WorkRange& range, auto& accumulator) {
        Scan scan(arguments...);
        if constexpr (std::is_integral_v<Cell>) {
            if (range.images) {
                add_images(scan, view, range, accumulator, planes.grid);
                return;
            }
        }
        add_annotations(scan, view, range, accumulator);
    });
}

// Single points hit one cell each, point sets any number.
template <class Cell>
void count_points(const Shapes& shapes, const CountOptions& options, const Batch& batch,
                  const Planes<Cell>& planes) {
    const PointSets& sets = shapes.points;
    if (shapes.kinds || sets.offsets || sets.visible) {
        count_with<PointSetScan>(sets, batch, planes, planes.grid);
        return;
    }
    const Points points{sets.coordinates, sets.count, sets.sizes};
    if constexpr (std::is_integral_v<Cell>) {
        if (!batch.results && !batch.images && !batch.order) {
            add_points(points, options.outside, batch, planes);
            return;
        }
    }
    count_with<PointScan>(points, batch, planes, planes.grid, options.outside);
}

template <class Cell>
void count_polygons(const Polygons& polygons, const CountOptions& options, const Batch& batch,
                    const Planes<Cell>& planes) {
    switch (options.rule) {
        case Rule::center:
        case Rule::point:
            return count_with<PolygonScan>(polygons, batch, planes, planes.grid, options.rule);
        case Rule::touch:
            return count_with<PolygonTouch>(polygons, batch, planes, planes.grid);
        case Rule::area:
            return count_with<PolygonCover>(polygons, batch, planes, planes.grid, options.area_work);
    }
}

void refuse(const Batch& batch, Outcome reason) noexcept {
    for (std::size_t i = 0; i < batch.count; ++i) batch.outcomes[batch.annotation(i)] = reason;
}

template <class Cell>
void count_kind(Kind kind, const Shapes& shapes, const CountOptions& options, const Batch& batch,
                const Planes<Cell>& planes) {
    switch (kind) {
        case Kind::box:
            count_boxes(shapes.boxes, options, batch, planes);
            break;
        case Kind::polygon:
            count_polygons(shapes.polygons, options, batch, planes);
            break;
        case Kind::mask:
            count_with<MaskScan>(shapes.masks, batch, planes, planes.grid, options.rule);
            break;
        case Kind::points:
            if (options.rule == Rule::area) return refuse(batch, Outcome::point_without_area);
            count_points(shapes, options, batch, planes);
            break;
        case Kind::lines:
            if (options.rule == Rule::area) return refuse(batch, Outcome::line_without_area);
            count_with<LineScan>(shapes.lines, batch, planes, planes.grid, options.rule);
            break;
        case Kind::disc:
            count_with<DiscScan>(shapes.discs, batch, planes, planes.grid);
            break;
    }
}

constexpr std::array<Kind, 6> all_kinds{Kind::box,    Kind::polygon, Kind::mask,
                                        Kind::points, Kind::lines,   Kind::disc};

// The number of pending annotations per set of kinds.
using KindCounts = std::array<std::size_t, 256>;

KindCounts count_by_kind(const Shapes& shapes, const Outcome* outcomes) noexcept {
    KindCounts found{};
    for (std::size_t i = 0; i < shapes.count; ++i) {
        if (outcomes[i] == Outcome::pending) ++found[shapes.kinds ? shapes.kinds[i] : shapes.present];
    }
    return found;
}

void check_kind(std::size_t kind, std::uint8_t present) {
    if ((kind & present) != 0 && (kind & (kind - 1)) == 0) return;
    throw std::invalid_argument("kinds must name one kind of geometry that is present, got " +
                                std::to_string(kind));
}

// Whether all annotations are pending, and of the same kind.
bool is_uniform(const Shapes& shapes, const Outcome* outcomes) noexcept {
    static_assert(sizeof(Outcome) == sizeof(std::uint8_t));
    const auto* const codes = reinterpret_cast<const std::uint8_t*>(outcomes);
    return are_all(codes, shapes.count, static_cast<std::uint8_t>(Outcome::pending)) &&
           (!shapes.kinds || are_all(shapes.kinds, shapes.count, shapes.kinds[0]));
}

// The pending annotations of one kind, or of any kind where `kinds` is null.
std::vector<std::size_t> pending_of(const std::uint8_t* kinds, Kind kind, const Batch& batch,
                                    std::size_t count) {
    std::vector<std::size_t> order;
    order.reserve(count);
    for (std::size_t i = 0; i < batch.count; ++i) {
        if (batch.outcomes[i] != Outcome::pending) continue;
        if (!kinds || kinds[i] == static_cast<std::uint8_t>(kind)) order.push_back(i);
    }
    return order;
}

}  // namespace

template <class Cell>
void count_shapes(const Shapes& shapes, const CountOptions& options, const Batch& batch,
                  const Planes<Cell>& planes) {
    if (shapes.count == 0) return;
    if (is_uniform(shapes, batch.outcomes)) {
        const std::uint8_t kind = shapes.kinds ? shapes.kinds[0] : shapes.present;
        check_kind(kind, shapes.present);
        count_kind(static_cast<Kind>(kind), shapes, options, batch, planes);
        return;
    }
    const KindCounts found = count_by_kind(shapes, batch.outcomes);
    for (std::size_t kind = 0; kind < found.size(); ++kind) {
        if (found[kind] > 0) check_kind(kind, shapes.present);
    }
    std::size_t pending = 0;
    std::size_t largest = 0;
    for (const Kind kind : all_kinds) {
        pending += found[static_cast<std::size_t>(kind)];
        largest = std::max(largest, found[static_cast<std::size_t>(kind)]);
    }
    const auto select = [&](const std::uint8_t* kinds, Kind kind, std::size_t count, const auto& use) {
        Batch some = batch;
        std::vector<std::size_t> order;
        some.count = count;
        if (count < batch.count) {
            order = pending_of(kinds, kind, batch, count);
            some.order = order.data();
        }
        use(some);
    };
    if constexpr (std::is_integral_v<Cell>) {
        if (batch.images && largest < pending) {
            select(nullptr, Kind::box, pending, [&](const Batch& some) {
                count_with<MixedScan>(shapes, some, planes, planes.grid, options);
            });
            return;
        }
    }
    for (const Kind kind : all_kinds) {
        const std::size_t count = found[static_cast<std::size_t>(kind)];
        if (count == 0) continue;
        select(shapes.kinds, kind, count,
               [&](const Batch& some) { count_kind(kind, shapes, options, some, planes); });
    }
}

template void count_shapes(const Shapes&, const CountOptions&, const Batch&, const Counts&);
template void count_shapes(const Shapes&, const CountOptions&, const Batch&, const Sums&);

}  // namespace heatgrid
