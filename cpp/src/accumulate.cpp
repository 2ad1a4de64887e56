#include "heatgrid/accumulate.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "heatgrid/box_corners.hpp"
#include "heatgrid/cell_set.hpp"
#include "heatgrid/cells.hpp"
#include "heatgrid/grouping.hpp"
#include "heatgrid/image_adder.hpp"
#include "heatgrid/parallel.hpp"
#include "heatgrid/polygon.hpp"
#include "heatgrid/polygon_cover.hpp"
#include "heatgrid/sink.hpp"
#include "heatgrid/touch.hpp"

namespace heatgrid {
namespace {

// Above this size, difference grids for all classes at once give way to one plane after the other.
constexpr std::size_t planes_limit = std::size_t{16} << 20;

// A batch is painted while it has few shapes for the size of the grid.
bool may_paint(std::size_t count, std::size_t cells) noexcept { return count * 16 <= cells; }

// Some annotations of a batch: positions begin .. end - 1, of the batch itself or of an order.
struct Selection {
    std::size_t begin;
    std::size_t end;
    const std::size_t* order;    // null: the annotations in their own order
    const std::int64_t* labels;  // null: all go to plane 0
    const std::int64_t* images;  // null: instances
    Outcome* outcomes;           // null: not wanted

    [[nodiscard]] std::size_t annotation(std::size_t i) const noexcept { return order ? order[i] : i; }
    [[nodiscard]] std::size_t plane(std::size_t annotation) const noexcept {
        return labels ? static_cast<std::size_t>(labels[annotation]) : 0;
    }
    [[nodiscard]] bool ends_image(std::size_t i) const noexcept {
        return i + 1 == end || images[annotation(i)] != images[annotation(i + 1)];
    }
    // The first position after i, and at most `last`, where another image's annotations may begin.
    [[nodiscard]] std::size_t image_end(std::size_t i, std::size_t last) const noexcept {
        const std::int64_t image = images[annotation(i)];
        std::size_t next = i + 1;
        if (order) {
            while (next < last && images[order[next]] == image) ++next;
        } else {
            while (next < last && images[next] == image) ++next;
        }
        return next;
    }
    void note(std::size_t annotation, Outcome outcome, Tally& tally) const noexcept {
        ++tally[static_cast<std::size_t>(outcome)];
        if (outcomes) outcomes[annotation] = outcome;
    }
    // The same for n positions. Counting value by value, in bytes, is straight-line code.
    void note_block(std::size_t first, std::size_t n, const Outcome* block, Tally& tally) const noexcept {
        constexpr std::size_t most = 255;
        for (std::size_t from = 0; from < n; from += most) {
            const std::size_t to = std::min(from + most, n);
            std::size_t rest = to - from;
            for (std::size_t value = 0; rest > 0; ++value) {
                std::uint8_t found = 0;
                for (std::size_t i = from; i < to; ++i) {
                    found = static_cast<std::uint8_t>(found + (block[i] == static_cast<Outcome>(value)));
                }
                tally[value] += found;
                rest -= found;
            }
        }
        if (!outcomes) return;
        if (!order) {
            std::copy_n(block, n, outcomes + first);
            return;
        }
        for (std::size_t i = 0; i < n; ++i) outcomes[order[first + i]] = block[i];
    }
};

Tally sum(const std::vector<Tally>& tallies) {
    Tally total{};
    for (const Tally& tally : tallies) {
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += tally[i];
    }
    return total;
}

// Plane by plane: one difference grid a worker, whatever the number of classes.
template <class Shape, class Amounts, class Count>
Tally count_by_class(std::size_t count, const Batch& batch, const Planes<typename Amounts::Cell>& planes,
                     const Amounts& amounts, const Count& count_some) {
    const Grouping groups = group(count, batch.labels, planes.classes, batch.images);
    const std::size_t workers = std::min(batch.threads, planes.classes);
    std::vector<Tally> tallies(workers, Tally{});
    std::atomic<std::size_t> next{0};
    share(workers, workers, [&](std::size_t worker, std::size_t, std::size_t) {
        Tally tally{};
        for (std::size_t k = next++; k < planes.classes; k = next++) {
            const auto [first, last] = groups.by_class[k];
            if (first == last) continue;
            Sink<Amounts, Shape> sink({planes.plane(k), 1, planes.grid}, amounts,
                                      may_paint(last - first, planes.grid.cells()));
            count_some(Selection{first, last, groups.order.data(), nullptr, batch.images, batch.outcomes},
                       sink, tally);
            sink.flush();
        }
        tallies[worker] = tally;
    });
    return sum(tallies);
}

// The start of a worker's piece, moved on to where an image begins.
std::size_t image_start(std::size_t at, std::size_t count, const std::size_t* order,
                        const std::int64_t* images) {
    const auto image = [&](std::size_t i) { return images[order ? order[i] : i]; };
    while (at > 0 && at < count && image(at) == image(at - 1)) ++at;
    return at;
}

// Shares a batch among workers, each with a sink of its own; count_some(selection, sink, tally) counts a part
// of it. An image is never cut in two.
template <class Shape, class Amounts, class Count>
Tally count_batch(std::size_t count, const Batch& batch, const Planes<typename Amounts::Cell>& planes,
                  const Amounts& amounts, const Count& count_some) {
    const bool is_large = planes.cells() * sizeof(typename Amounts::Value) > planes_limit;
    if (planes.classes > 1 && (is_large || batch.images)) {
        return count_by_class<Shape>(count, batch, planes, amounts, count_some);
    }
    std::optional<Grouping> groups;
    if (batch.images && !std::is_sorted(batch.images, batch.images + count)) {
        groups = group(count, nullptr, 1, batch.images);
    }
    const std::size_t* order = groups ? groups->order.data() : nullptr;
    const std::size_t workers = std::max<std::size_t>(1, std::min(batch.threads, count));
    const bool paints = workers == 1 && may_paint(count, planes.cells());
    std::vector<Tally> tallies(workers, Tally{});
    // Counts are flushed before they could wrap; the scale of sums has room for all.
    const std::size_t piece = std::is_same_v<Amounts, Ones> ? std::min(count, flush_limit) : count;
    for (std::size_t from = 0; from < count; from += piece) {
        const std::size_t size = std::min(piece, count - from);
        std::vector<std::optional<Sink<Amounts, Shape>>> sinks(workers);
        share(size, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
            begin += from;
            end += from;
            if (batch.images) {
                begin = image_start(begin, count, order, batch.images);
                end = image_start(end, count, order, batch.images);
            }
            // On the worker's own stack while it works: what workers write to must not share a cache line.
            Tally tally{};
            Sink<Amounts, Shape> sink(planes, amounts, paints);
            count_some(Selection{begin, end, order, batch.labels, batch.images, batch.outcomes}, sink, tally);
            tallies[worker] = sum({tallies[worker], tally});
            sinks[worker].emplace(std::move(sink));
        });
        for (std::size_t worker = 1; worker < workers; ++worker) {
            if (sinks[worker]) sinks[0]->merge(*sinks[worker]);
        }
        sinks[0]->flush();
    }
    return sum(tallies);
}

Weights weights_of(const Batch& batch, std::size_t count) noexcept {
    double largest = batch.weights ? 0.0 : 1.0;
    for (std::size_t i = 0; batch.weights && i < count; ++i) {
        largest = std::max(largest, std::fabs(batch.weights[i]));
    }
    return {batch.weights, Scale(largest, count)};
}

// Rectangles of boxes, a block at a time: take(position, annotation, rectangle), or take_block(first, n,
// rectangles).
class BoxReader {
  public:
    BoxReader(const Boxes& boxes, const Cells& cells, const BoxOptions& options) noexcept
        : boxes_(boxes), cells_(cells), options_(options) {}

    template <class TakeBlock>
    void read(const Selection& selection, Tally& tally, const TakeBlock& take_block) {
        Rectangle rectangles[box_block];
        each_block<box_block>(
            selection, tally,
            [&](const Boxes& boxes, std::size_t begin, std::size_t n, Outcome* outcomes) {
                scan_boxes(boxes, begin, begin + n, cells_, options_, rectangles, outcomes);
            },
            [&](std::size_t begin, std::size_t n) {
                take_block(begin, n, static_cast<const Rectangle*>(rectangles));
            });
    }

    // Every box adds 1 at its corners.
    void add_to(CornerCounts& counts, const Selection& selection, Tally& tally) {
        each_block<corner_block>(
            selection, tally,
            [&](const Boxes& boxes, std::size_t begin, std::size_t n, Outcome* outcomes) {
                add_corners(boxes, begin, begin + n, cells_, counts, outcomes);
            },
            [](std::size_t, std::size_t) {});
    }

  private:
    template <std::size_t block, class Scan, class Take>
    void each_block(const Selection& selection, Tally& tally, const Scan& scan, const Take& take) {
        Outcome outcomes[block];
        const std::size_t most = selection.order ? box_block : block;
        for (std::size_t begin = selection.begin; begin < selection.end; begin += most) {
            const std::size_t n = std::min(most, selection.end - begin);
            if (selection.order) {
                scan(gather(selection.order + begin, n), 0, n, outcomes);
            } else {
                scan(boxes_, begin, n, outcomes);
            }
            selection.note_block(begin, n, outcomes, tally);
            take(begin, n);
        }
    }

    Boxes gather(const std::size_t* order, std::size_t n) noexcept {
        const std::size_t stride = boxes_.sizes.stride;
        for (std::size_t i = 0; i < n; ++i) {
            std::copy_n(boxes_.corners + 4 * order[i], 4, corners_ + 4 * i);
            if (stride) std::copy_n(boxes_.sizes.pairs + stride * order[i], 2, sizes_ + 2 * i);
        }
        return {corners_, n, {stride ? sizes_ : boxes_.sizes.pairs, stride}};
    }

    const Boxes& boxes_;
    const Cells& cells_;
    const BoxOptions& options_;
    double corners_[4 * box_block];
    double sizes_[2 * box_block];
};

// Every box adds its amount to its rectangle.
template <class Amounts>
Tally add_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options,
                const Planes<typename Amounts::Cell>& planes, const Amounts& amounts) {
    const Cells cells(planes.grid);
    return count_batch<Rectangle>(
        boxes.count, batch, planes, amounts, [&](const Selection& selection, auto& sink, Tally& tally) {
            const auto add_block = [&](std::size_t first, std::size_t n, const Rectangle* rectangles) {
                if (auto* const differences = sink.differences()) {
                    // The common case by itself: one plane, and 1 each.
                    if (std::is_same_v<Amounts, Ones> && !selection.labels) {
                        differences->add_all(rectangles, n, amounts(0));
                        return;
                    }
                    for (std::size_t i = 0; i < n; ++i) {
                        const std::size_t annotation = selection.annotation(first + i);
                        differences->add(selection.plane(annotation), rectangles[i], amounts(annotation));
                    }
                    return;
                }
                for (std::size_t i = 0; i < n; ++i) {
                    const std::size_t annotation = selection.annotation(first + i);
                    sink.add(selection.plane(annotation), rectangles[i], amounts(annotation));
                }
            };
            BoxReader reader(boxes, cells, options);
            if constexpr (std::is_same_v<Amounts, Ones>) {
                if (adds_corners(planes.grid, options) && sink.takes_corners()) {
                    reader.add_to(sink.corners(), selection, tally);
                    return;
                }
            }
            reader.read(selection, tally, add_block);
        });
}

Tally unite_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts) {
    const Cells cells(counts.grid);
    return count_batch<Rectangle>(
        boxes.count, batch, counts, Ones{}, [&](const Selection& selection, auto& sink, Tally& tally) {
            ImageAdder images(counts.grid, selection.end - selection.begin, sink);
            std::vector<Rectangle> begun;  // of an image that goes on in the next block
            const auto add_block = [&](std::size_t first, std::size_t n, const Rectangle* rectangles) {
                std::size_t end = 0;
                for (std::size_t start = 0; start < n; start = end) {
                    end = selection.image_end(first + start, first + n) - first;
                    const bool is_whole = selection.ends_image(first + end - 1);
                    if (is_whole && begun.empty()) {
                        images.add(rectangles + start, end - start);
                        continue;
                    }
                    begun.insert(begun.end(), rectangles + start, rectangles + end);
                    if (!is_whole) continue;
                    images.add(begun.data(), begun.size());
                    begun.clear();
                }
            };
            BoxReader(boxes, cells, options).read(selection, tally, add_block);
            images.finish();
        });
}

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

Tally count_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Counts& counts) {
    if (batch.images) return unite_boxes(boxes, batch, options, counts);
    return add_boxes(boxes, batch, options, counts, Ones{});
}

Tally sum_boxes(const Boxes& boxes, const Batch& batch, const BoxOptions& options, const Sums& sums) {
    const Weights weights = weights_of(batch, boxes.count);
    if (options.rule != Rule::area) return add_boxes(boxes, batch, options, sums, weights);
    const Cells cells(sums.grid);
    return count_batch<Rectangle>(boxes.count, batch, sums, weights,
                                  [&](const Selection& selection, auto& sink, Tally& tally) {
                                      for (std::size_t i = selection.begin; i < selection.end; ++i) {
                                          const std::size_t annotation = selection.annotation(i);
                                          const BoxCover cover = cover_box(boxes, annotation, cells);
                                          selection.note(annotation, cover.outcome, tally);
                                          for (std::size_t k = 0; k < cover.count; ++k) {
                                              sink.add(selection.plane(annotation), cover.pieces[k].cells,
                                                       weights.share(annotation, cover.pieces[k].fraction));
                                          }
                                      }
                                  });
}

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
