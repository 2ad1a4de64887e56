#include "heatgrid/accumulate.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <vector>

#include "heatgrid/cells.hpp"
#include "heatgrid/parallel.hpp"
#include "heatgrid/polygon.hpp"

namespace heatgrid {
namespace {

// Above this size, difference grids for all classes at once give way to one plane after the other.
constexpr std::size_t planes_limit = std::size_t{16} << 20;

std::size_t size_of(const Rectangle& r) noexcept {
    return static_cast<std::size_t>(r.right - r.left) * static_cast<std::size_t>(r.bottom - r.top);
}

std::size_t size_of(const Run& run) noexcept { return static_cast<std::size_t>(run.last - run.first); }

void paint(std::int64_t* plane, const Grid& grid, const Run& run) noexcept {
    std::int64_t* row = plane + static_cast<std::size_t>(run.row) * static_cast<std::size_t>(grid.columns);
    for (std::int32_t c = run.first; c < run.last; ++c) ++row[c];
}

void paint(std::int64_t* plane, const Grid& grid, const Rectangle& r) noexcept {
    for (std::int32_t row = r.top; row < r.bottom; ++row) paint(plane, grid, Run{row, r.left, r.right});
}

void flush_plane(DifferenceGrid& grid, std::size_t plane, std::int64_t* counts, const Run&) {
    grid.flush_runs(plane, counts);
}

void flush_plane(DifferenceGrid& grid, std::size_t plane, std::int64_t* counts, const Rectangle&) {
    grid.flush_rectangles(plane, counts);
}

// Takes one worker's shapes: paints them while that is cheaper than a pass over the grid, then keeps
// differences.
template <class Shape>
class Sink {
  public:
    Sink(const Counts& counts, bool may_paint)
        : counts_(counts), budget_(may_paint ? counts.grid.cells() * counts.classes : 0) {
        if (!may_paint) differences_.emplace(counts.grid, counts.classes);
    }

    void add(std::size_t plane, const Shape& shape) {
        if (!differences_) {
            const std::size_t cells = size_of(shape);
            if (cells <= budget_) {
                budget_ -= cells;
                paint(counts_.plane(plane), counts_.grid, shape);
                return;
            }
            differences_.emplace(counts_.grid, counts_.classes);
        }
        differences_->add(plane, shape);
    }

    // For many shapes in a row: null while painting.
    [[nodiscard]] DifferenceGrid* differences() noexcept { return differences_ ? &*differences_ : nullptr; }

    void flush() {
        if (!differences_) return;
        for (std::size_t plane = 0; plane < counts_.classes; ++plane) {
            flush_plane(*differences_, plane, counts_.plane(plane), Shape{});
        }
    }

  private:
    Counts counts_;
    std::size_t budget_;
    std::optional<DifferenceGrid> differences_;
};

// Some annotations of a batch: all of begin .. end - 1, or those that `order` names there.
struct Selection {
    std::size_t begin;
    std::size_t end;
    const std::size_t* order;    // null: the annotations in their own order
    const std::int64_t* labels;  // null: all go to plane 0
    Outcome* outcomes;           // null: not wanted

    [[nodiscard]] std::size_t annotation(std::size_t i) const noexcept { return order ? order[i] : i; }
    [[nodiscard]] std::size_t plane(std::size_t annotation) const noexcept {
        return labels ? static_cast<std::size_t>(labels[annotation]) : 0;
    }
};

void note(const Selection& selection, std::size_t annotation, Outcome outcome, Tally& tally) noexcept {
    ++tally[static_cast<std::size_t>(outcome)];
    if (selection.outcomes) selection.outcomes[annotation] = outcome;
}

// The same for a block of annotations; counting value by value is straight-line code.
void note_block(const Selection& selection, std::size_t begin, std::size_t n, const Outcome* outcomes,
                Tally& tally) noexcept {
    for (std::size_t value = 0; value < tally.size(); ++value) {
        std::uint32_t found = 0;
        for (std::size_t i = 0; i < n; ++i) found += outcomes[i] == static_cast<Outcome>(value);
        tally[value] += found;
    }
    if (!selection.outcomes) return;
    for (std::size_t i = 0; i < n; ++i) selection.outcomes[selection.annotation(begin + i)] = outcomes[i];
}

// The annotations of each class together, in their own order within a class.
struct ByClass {
    std::vector<std::size_t> starts;
    std::vector<std::size_t> order;
};

ByClass order_by_class(std::size_t count, const std::int64_t* labels, std::size_t classes) {
    ByClass by{std::vector<std::size_t>(classes + 1, 0), std::vector<std::size_t>(count)};
    for (std::size_t i = 0; i < count; ++i) ++by.starts[static_cast<std::size_t>(labels[i]) + 1];
    for (std::size_t k = 0; k < classes; ++k) by.starts[k + 1] += by.starts[k];
    std::vector<std::size_t> next(by.starts.begin(), by.starts.end() - 1);
    for (std::size_t i = 0; i < count; ++i) by.order[next[static_cast<std::size_t>(labels[i])]++] = i;
    return by;
}

Tally sum(const std::vector<Tally>& tallies) {
    Tally total{};
    for (const Tally& tally : tallies) {
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += tally[i];
    }
    return total;
}

// Plane by plane: one difference grid a worker, whatever the number of classes.
template <class Shape, class Count>
Tally count_by_class(std::size_t count, const Batch& batch, const Counts& counts, const Count& count_some) {
    const ByClass by = order_by_class(count, batch.labels, counts.classes);
    const std::size_t workers = std::min(batch.threads, counts.classes);
    std::vector<Tally> tallies(workers, Tally{});
    std::atomic<std::size_t> next{0};
    share(workers, workers, [&](std::size_t worker, std::size_t, std::size_t) {
        for (std::size_t k = next++; k < counts.classes; k = next++) {
            const std::size_t size = by.starts[k + 1] - by.starts[k];
            if (size == 0) continue;
            Sink<Shape> sink({counts.plane(k), 1, counts.grid}, size * 16 <= counts.grid.cells());
            count_some(Selection{by.starts[k], by.starts[k + 1], by.order.data(), nullptr, batch.outcomes},
                       sink, tallies[worker]);
            sink.flush();
        }
    });
    return sum(tallies);
}

// Shares a batch among workers, each with a sink of its own. `count_some(selection, sink, tally)` counts
// a part of it.
template <class Shape, class Count>
Tally count_batch(std::size_t count, const Batch& batch, const Counts& counts, const Count& count_some) {
    const std::size_t all_planes = counts.grid.cells() * counts.classes;
    if (counts.classes > 1 && all_planes * sizeof(std::uint32_t) > planes_limit) {
        return count_by_class<Shape>(count, batch, counts, count_some);
    }
    const std::size_t workers = std::max<std::size_t>(1, std::min(batch.threads, count));
    std::vector<Tally> tallies(workers, Tally{});
    std::vector<std::optional<Sink<Shape>>> sinks(workers);
    const bool may_paint = workers == 1 && count * 16 <= all_planes;
    share(count, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        sinks[worker].emplace(counts, may_paint);
        for (std::size_t from = begin; from < end; from += flush_limit) {
            if (from != begin) sinks[worker]->flush();
            const std::size_t to = std::min(end, from + flush_limit);
            count_some(Selection{from, to, nullptr, batch.labels, batch.outcomes}, *sinks[worker],
                       tallies[worker]);
        }
    });
    for (std::optional<Sink<Shape>>& sink : sinks) {
        if (sink) sink->flush();
    }
    return sum(tallies);
}

}  // namespace

Tally count_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts) {
    const Cells cells(counts.grid);
    return count_batch<Rectangle>(
        boxes.count, batch, counts, [&](const Selection& selection, Sink<Rectangle>& sink, Tally& tally) {
            Rectangle rectangles[box_block];
            Outcome outcomes[box_block];
            double corners[4 * box_block];
            double sizes[2 * box_block];
            for (std::size_t begin = selection.begin; begin < selection.end; begin += box_block) {
                const std::size_t n = std::min(box_block, selection.end - begin);
                if (selection.order) {
                    Boxes gathered{corners, n, {boxes.sizes.pairs, boxes.sizes.stride}};
                    for (std::size_t i = 0; i < n; ++i) {
                        const std::size_t from = selection.order[begin + i];
                        std::copy_n(boxes.corners + 4 * from, 4, corners + 4 * i);
                        if (boxes.sizes.stride) std::copy_n(boxes.sizes.pairs + 2 * from, 2, sizes + 2 * i);
                    }
                    if (boxes.sizes.stride) gathered.sizes.pairs = sizes;
                    scan_boxes(gathered, 0, n, cells, options, rectangles, outcomes);
                } else {
                    scan_boxes(boxes, begin, begin + n, cells, options, rectangles, outcomes);
                }
                note_block(selection, begin, n, outcomes, tally);
                if (DifferenceGrid* const differences = sink.differences()) {
                    for (std::size_t i = 0; i < n; ++i) {
                        differences->add(selection.plane(selection.annotation(begin + i)), rectangles[i]);
                    }
                } else {
                    for (std::size_t i = 0; i < n; ++i) {
                        sink.add(selection.plane(selection.annotation(begin + i)), rectangles[i]);
                    }
                }
            }
        });
}

Tally count_points(const Points& points, const Batch& batch, OutsidePoints outside, const Counts& counts) {
    const Cells cells(counts.grid);
    const std::size_t plane = counts.grid.cells();
    const std::size_t all = plane * counts.classes;
    // A point is one addition, so the first worker adds in place; the others' grids must be worth their sum.
    const bool may_share = all * sizeof(std::int64_t) <= planes_limit;
    const std::size_t workers =
        may_share ? std::max<std::size_t>(1, std::min(batch.threads, points.count)) : 1;
    std::vector<Tally> tallies(workers, Tally{});
    std::vector<std::vector<std::int64_t>> privates(workers);
    share(points.count, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        const Selection selection{begin, end, nullptr, batch.labels, batch.outcomes};
        if (worker > 0) privates[worker].assign(all, 0);
        std::int64_t* values = worker > 0 ? privates[worker].data() : counts.values;
        for (std::size_t i = begin; i < end; ++i) {
            const PointCell point = scan_point(points, i, cells, outside);
            note(selection, i, point.outcome, tallies[worker]);
            if (point.outcome == Outcome::counted) ++values[selection.plane(i) * plane + point.cell];
        }
    });
    for (const std::vector<std::int64_t>& own : privates) {
        for (std::size_t i = 0; i < own.size(); ++i) counts.values[i] += own[i];
    }
    return sum(tallies);
}

Tally count_polygons(const Polygons& polygons, const Batch& batch, Rule rule, const Counts& counts) {
    return count_batch<Run>(polygons.count, batch, counts,
                            [&](const Selection& selection, Sink<Run>& sink, Tally& tally) {
                                PolygonScan scan(counts.grid, rule);
                                for (std::size_t i = selection.begin; i < selection.end; ++i) {
                                    const std::size_t annotation = selection.annotation(i);
                                    note(selection, annotation, scan.scan(polygons, annotation), tally);
                                    const std::size_t plane = selection.plane(annotation);
                                    for (const Run& run : scan.runs()) sink.add(plane, run);
                                }
                            });
}

}  // namespace heatgrid
