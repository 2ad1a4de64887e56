#include "heatgrid/threads/parallel.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

void share(std::size_t count, std::size_t workers, WorkReference work) {
    workers = std::max<std::size_t>(1, std::min(workers, count));
    if (workers == 1) {
        work(std::size_t{0}, std::size_t{0}, count);
        return;
    }
#if defined(__EMSCRIPTEN__) && !defined(__EMSCRIPTEN_PTHREADS__)
    for (std::size_t worker = 0; worker < workers; ++worker) {
        work(worker, count * worker / workers, count * (worker + 1) / workers);
    }
#else
    std::vector<std::exception_ptr> failures(workers);
    const auto piece = [&](std::size_t worker) noexcept {
        try {
            work(worker, count * worker / workers, count * (worker + 1) / workers);
        } catch (...) {
            failures[worker] = std::current_exception();
        }
    };
    Interruptible* const shared = Interruptible::here();
    std::mutex mutex;
    std::condition_variable ended;
    std::size_t running = workers - 1;
    const auto run = [&](std::size_t worker) noexcept {
        const Interruptible::Member member(shared);
        piece(worker);
        const std::lock_guard lock(mutex);
        --running;
        ended.notify_one();
    };
    std::vector<std::thread> threads;
    threads.reserve(workers - 1);
    try {
        for (std::size_t worker = 1; worker < workers; ++worker) threads.emplace_back(run, worker);
    } catch (...) {
        // No more threads: the remaining parts run here.
        for (std::size_t worker = threads.size() + 1; worker < workers; ++worker) {
            piece(worker);
            const std::lock_guard lock(mutex);
            --running;
        }
    }
    piece(0);
    {
        std::unique_lock lock(mutex);
        // NOLINTNEXTLINE(bugprone-infinite-loop): the other threads count down
        while (running > 0) {
            // The system's clock, since thread sanitizers do not know waits by another.
            ended.wait_until(lock, std::chrono::system_clock::now() + Interruptible::pause);
            lock.unlock();
            try {
                Interruptible::look();
            } catch (...) {
                if (!failures[0]) failures[0] = std::current_exception();
            }
            lock.lock();
        }
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
#endif
}

}  // namespace heatgrid
