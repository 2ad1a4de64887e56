// A batch of annotations, shared among workers and counted on their grids.
//
// Labels, images and weights were checked: 0 <= label < classes, weights finite. Each annotation adds its
// amount at most once to a cell of its class's plane: 1 into int64 counts; its weight, or the share of the
// cell that it covers, into float64 sums. With images, the annotations of one image (and class) are united
// and add 1 together.
//
// Few shapes are painted cell by cell; many go through difference grids; workers have grids of their own, and
// all sums are exact, so results do not depend on the number of workers. Where one grid for every class would
// be large, annotations are ordered by class and counted plane by plane instead.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "heatgrid/count/differences.hpp"
#include "heatgrid/count/grouping.hpp"
#include "heatgrid/count/parallel.hpp"
#include "heatgrid/count/sink.hpp"
#include "heatgrid/grid/geometry.hpp"

namespace heatgrid {

// How many annotations had each Outcome, by its number.
using Tally = std::array<std::size_t, 5>;

struct Batch {
    const std::int64_t* labels = nullptr;  // null: all of class 0
    Outcome* outcomes = nullptr;           // null, or receives what became of each annotation
    std::size_t threads = 1;
    const std::int64_t* images = nullptr;  // null: instances; else annotations are united image by image
    const double* weights = nullptr;       // null: 1 each; only into sums
};

// Above this size, difference grids for all classes at once give way to one plane after the other.
inline constexpr std::size_t planes_limit = std::size_t{16} << 20;

// A batch is painted while it has few shapes for the size of the grid.
inline bool may_paint(std::size_t count, std::size_t cells) noexcept { return count * 16 <= cells; }

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

inline Tally sum(const std::vector<Tally>& tallies) {
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
inline std::size_t image_start(std::size_t at, std::size_t count, const std::size_t* order,
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

inline Weights weights_of(const Batch& batch, std::size_t count) noexcept {
    double largest = batch.weights ? 0.0 : 1.0;
    for (std::size_t i = 0; batch.weights && i < count; ++i) {
        largest = std::max(largest, std::fabs(batch.weights[i]));
    }
    return {batch.weights, Scale(largest, count)};
}

}  // namespace heatgrid
