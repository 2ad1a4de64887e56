// Parallel execution of a batch: annotations are divided among workers, each with accumulators of its own.
//
// Labels and weights are validated by the caller: 0 <= label < classes, weights finite. The arrays may change
// afterwards, by another thread: every value is read such that none leads outside of any plane. Each
// annotation adds its amount at most once to a cell of its class's plane: 1 to int64 counts; its weight, or
// the share of the cell that it covers, to float64 sums. With images, the annotations of one image (and
// class) are united and add 1 together.
//
// All sums are exact, so that results do not depend on the number of workers. If one grid per class would be
// large, annotations are sorted by class and counted plane by plane.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "heatgrid/count/accumulator.hpp"
#include "heatgrid/count/difference_grid.hpp"
#include "heatgrid/count/grouping.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {

/// What batches add to planes, collected while they are scanned: either all of it is written or nothing.
class Results {
  public:
    template <class Amounts, class Shape>
    void add(Accumulator<Amounts, Shape>&& accumulator) {
        auto addition = std::make_unique<Accumulator<Amounts, Shape>>(std::move(accumulator));
        const std::lock_guard lock(mutex_);
        additions_.push_back(std::move(addition));
    }
    /// Throws std::overflow_error, before anything is written, if a count might not fit.
    void write() const {
        for (const auto& addition : additions_) addition->check();
        for (const auto& addition : additions_) addition->flush();
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Addition>> additions_;
};

/// The annotations to count, and one value per annotation (not per entry of `order`).
struct Batch {
    std::size_t count = 0;
    const std::size_t* order = nullptr;    ///< ascending indices of the annotations; null: 0 .. count - 1
    const std::int64_t* labels = nullptr;  ///< null: all of class 0
    const std::int64_t* images = nullptr;  ///< null: instances; else annotations are united per image
    const double* weights = nullptr;       ///< null: 1 each; for sums only
    Outcome* outcomes = nullptr;           ///< receives the outcome of each annotation
    std::size_t threads = 1;
    Results* results = nullptr;  ///< null: planes are zero, and written while annotations are scanned

    [[nodiscard]] std::size_t annotation(std::size_t i) const noexcept { return order ? order[i] : i; }
    /// Ends an accumulation.
    template <class Amounts, class Shape>
    void finish(Accumulator<Amounts, Shape>&& accumulator) const {
        if (results) return results->add(std::move(accumulator));
        accumulator.flush();
    }
};

/// Above this size in bytes, accumulators of all classes at once give way to one plane after the other.
inline constexpr std::size_t planes_limit = std::size_t{16} << 20;

/// Part of a batch, for one worker: positions begin .. end - 1 of the order.
struct WorkRange {
    std::size_t begin;
    std::size_t end;
    const std::size_t* order;    // null: position i is annotation i
    const std::int64_t* labels;  // null: all go to plane 0
    std::size_t classes;
    const std::int64_t* images;  // null: instances
    Outcome* outcomes;

    [[nodiscard]] std::size_t annotation(std::size_t i) const noexcept { return order ? order[i] : i; }
    [[nodiscard]] std::size_t plane(std::size_t annotation) const noexcept {
        return labels ? class_of(labels[annotation], classes) : 0;
    }
    [[nodiscard]] bool ends_image(std::size_t i) const noexcept {
        return i + 1 == end || images[annotation(i)] != images[annotation(i + 1)];
    }
    /// The first position after i, and at most `last`, where another image's annotations may begin.
    [[nodiscard]] std::size_t image_end(std::size_t i, std::size_t last) const noexcept {
        const std::int64_t image = images[annotation(i)];
        std::size_t next = i + 1;
        while (next < last && images[annotation(next)] == image) ++next;
        return next;
    }
};

/// Plane by plane: without results, one accumulator per worker at a time.
template <class Shape, class Amounts, class Count>
void count_by_class(const Batch& batch, const Planes<typename Amounts::Cell>& planes, const Amounts& amounts,
                    const Count& count_some) {
    const Grouping groups = group(batch.count, batch.order, batch.labels, planes.classes, batch.images);
    const std::size_t workers = std::min(batch.threads, planes.classes);
    std::atomic<std::size_t> next{0};
    share(workers, workers, [&](std::size_t, std::size_t, std::size_t) {
        for (std::size_t k = next++; k < planes.classes; k = next++) {
            const auto [first, last] = groups.by_class[k];
            if (first == last) continue;
            const Planes<typename Amounts::Cell> plane{planes.plane(k), 1, planes.grid};
            const Method method =
                choose_method<Amounts, Shape>(plane, last - first, 1, batch.images != nullptr);
            Accumulator<Amounts, Shape> accumulator(plane, amounts, method);
            count_some(WorkRange{first, last, groups.order.data(), nullptr, 1, batch.images, batch.outcomes},
                       accumulator);
            batch.finish(std::move(accumulator));
        }
    });
}

/// The start of a worker's part, moved on to where an image begins.
[[nodiscard]] inline std::size_t image_start(std::size_t at, std::size_t count, const std::size_t* order,
                                             const std::int64_t* images) noexcept {
    const auto image = [&](std::size_t i) { return images[order ? order[i] : i]; };
    while (at > 0 && at < count && image(at) == image(at - 1)) ++at;
    return at;
}

/// Divides a batch among workers; count_some(range, accumulator) counts a part of it. No image is
/// divided.
template <class Shape, class Amounts, class Count>
void count_batch(const Batch& batch, const Planes<typename Amounts::Cell>& planes, const Amounts& amounts,
                 const Count& count_some) {
    const bool is_large = planes.cells() * sizeof(typename Amounts::Value) > planes_limit;
    if (planes.classes > 1 && (is_large || batch.images)) {
        count_by_class<Shape>(batch, planes, amounts, count_some);
        return;
    }
    const std::size_t count = batch.count;
    std::optional<Grouping> groups;
    const std::size_t* order = batch.order;
    if (batch.images && !is_in_order(count, order, batch.images)) {
        groups = group(count, order, nullptr, 1, batch.images);
        order = groups->order.data();
    }
    const std::size_t workers = std::max<std::size_t>(1, std::min(batch.threads, count));
    const Method method = choose_method<Amounts, Shape>(planes, count, workers, batch.images != nullptr);
    // Counts are flushed before they could wrap; the scale of sums has room for all.
    const std::size_t part = std::is_same_v<Amounts, Ones> ? std::min(count, flush_limit) : count;
    for (std::size_t from = 0; from < count; from += part) {
        const std::size_t size = std::min(part, count - from);
        std::vector<std::optional<Accumulator<Amounts, Shape>>> accumulators(workers);
        share(size, workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
            begin += from;
            end += from;
            if (batch.images) {
                begin = image_start(begin, count, order, batch.images);
                end = image_start(end, count, order, batch.images);
            }
            // On the worker's own stack: what workers write to must not share a cache line.
            Accumulator<Amounts, Shape> accumulator(planes, amounts, method);
            count_some(
                WorkRange{begin, end, order, batch.labels, planes.classes, batch.images, batch.outcomes},
                accumulator);
            accumulators[worker].emplace(std::move(accumulator));
        });
        for (std::size_t worker = 1; worker < workers; ++worker) {
            if (accumulators[worker]) accumulators[0]->merge(*accumulators[worker]);
        }
        batch.finish(std::move(*accumulators[0]));
    }
}

/// The amounts that annotations add to cells of a type: `Ones` to counts, `Weights` to sums.
template <class Cell>
[[nodiscard]] auto amounts_of(const Batch& batch) noexcept {
    if constexpr (std::is_integral_v<Cell>) {
        return Ones{};
    } else {
        double largest = batch.weights ? 0.0 : 1.0;
        for (std::size_t i = 0; batch.weights && i < batch.count; ++i) {
            largest = std::max(largest, std::fabs(batch.weights[batch.annotation(i)]));
        }
        return Weights{batch.weights, Scale(largest, batch.count)};
    }
}

}  // namespace heatgrid
