// Work shared by threads. The first exception of a worker is rethrown in the caller; results do not depend on
// the number of threads.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace heatgrid {

/// Calls work(worker, begin, end) with [0, count) divided into contiguous parts, one per worker, and waits
/// for all.
template <class Work>
void share(std::size_t count, std::size_t workers, Work&& work) {
    workers = std::max<std::size_t>(1, std::min(workers, count));
    if (workers == 1) {
        work(std::size_t{0}, std::size_t{0}, count);
        return;
    }
    std::vector<std::exception_ptr> failures(workers);
    const auto piece = [&](std::size_t worker) noexcept {
        try {
            work(worker, count * worker / workers, count * (worker + 1) / workers);
        } catch (...) {
            failures[worker] = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    threads.reserve(workers - 1);
    try {
        for (std::size_t worker = 1; worker < workers; ++worker) threads.emplace_back(piece, worker);
    } catch (...) {
        // No more threads: the remaining parts run here.
        for (std::size_t worker = threads.size() + 1; worker < workers; ++worker) piece(worker);
    }
    piece(0);
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
}

}  // namespace heatgrid
