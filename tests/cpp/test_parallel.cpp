// Work shared by threads: each part is done once; exceptions of workers reach the caller.
#include "heatgrid/threads/interrupt.hpp"
#include "heatgrid/threads/parallel.hpp"

#include <atomic>
#include <stdexcept>
#include <thread>

#include "check.hpp"

using heatgrid::Checkpoint;
using heatgrid::Interruptible;
using heatgrid::share;

namespace {

std::vector<int> visits(std::size_t count, std::size_t workers) {
    std::vector<int> visited(count, 0);
    share(count, workers, [&](std::size_t, std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++visited[i];
    });
    return visited;
}

}  // namespace

TEST(every_index_is_visited_once) {
    for (const std::size_t count : {0, 1, 2, 3, 7, 64, 1000}) {
        for (const std::size_t workers : {0, 1, 2, 3, 8, 64}) {
            CHECK(visits(count, workers) == std::vector<int>(count, 1));
        }
    }
}

TEST(workers_are_numbered_and_no_more_than_there_is_work) {
    std::atomic<std::size_t> highest{0};
    std::atomic<std::size_t> calls{0};
    share(3, 100, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        ++calls;
        for (std::size_t seen = highest; seen < worker && !highest.compare_exchange_weak(seen, worker);) {
        }
        CHECK_EQUAL(end - begin, std::size_t{1});
    });
    CHECK_EQUAL(calls.load(), std::size_t{3});
    CHECK_EQUAL(highest.load(), std::size_t{2});
}

TEST(no_work_is_one_call_of_an_empty_part) {
    int calls = 0;
    share(0, 4, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        ++calls;
        CHECK_EQUAL(worker + begin + end, std::size_t{0});
    });
    CHECK_EQUAL(calls, 1);
}

TEST(an_exception_reaches_the_caller_after_all_have_ended) {
    for (const std::size_t culprit : {0, 1, 3}) {
        std::atomic<int> ended{0};
        std::string message;
        try {
            share(4, 4, [&](std::size_t worker, std::size_t, std::size_t) {
                ++ended;
                if (worker == culprit) throw std::runtime_error("worker " + std::to_string(worker));
            });
        } catch (const std::runtime_error& error) {
            message = error.what();
        }
        CHECK_EQUAL(message, "worker " + std::to_string(culprit));
        CHECK_EQUAL(ended.load(), 4);
    }
}

TEST(the_first_workers_exception_is_rethrown) {
    std::string message;
    try {
        share(8, 8, [](std::size_t worker, std::size_t, std::size_t) {
            if (worker >= 2) throw std::runtime_error("worker " + std::to_string(worker));
        });
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    CHECK_EQUAL(message, "worker 2");
}

TEST(a_single_workers_exception_reaches_the_caller) {
    bool is_caught = false;
    try {
        share(1, 1, [](std::size_t, std::size_t, std::size_t) { throw std::bad_alloc(); });
    } catch (const std::bad_alloc&) {
        is_caught = true;
    }
    CHECK(is_caught);
}

TEST(one_answer_stops_all_workers) {
    for (const std::size_t workers : {1, 4}) {
        const Interruptible work([] { throw std::runtime_error("stop"); });
        std::string message;
        try {
            share(workers, workers, [](std::size_t, std::size_t, std::size_t) {
                Checkpoint check;
                for (;;) check(1);
            });
        } catch (const std::runtime_error& error) {
            message = error.what();
        }
        CHECK_EQUAL(message, "stop");
    }
}

TEST(the_caller_asks_while_it_waits_for_others) {
    const Interruptible work([] { throw std::runtime_error("stop"); });
    std::string message;
    try {
        share(2, 2, [](std::size_t worker, std::size_t, std::size_t) {
            Checkpoint check;
            while (worker > 0) check(1);
        });
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    CHECK_EQUAL(message, "stop");
}

TEST(work_that_nobody_stops_ends) {
    int questions = 0;
    const std::thread::id asker = std::this_thread::get_id();
    std::atomic<int> done{0};
    const Interruptible work([&] {
        ++questions;
        CHECK(std::this_thread::get_id() == asker);
    });
    share(3, 3, [&](std::size_t, std::size_t, std::size_t) {
        std::this_thread::sleep_for(3 * Interruptible::pause);
        Interruptible::look();
        ++done;
    });
    CHECK_EQUAL(done.load(), 3);
    CHECK(questions > 0);
}

TEST(checkpoints_outside_of_interruptible_work_do_nothing) {
    Checkpoint check;
    for (int i = 0; i < 10; ++i) check(std::size_t{1} << 40);
    CHECK(Interruptible::here() == nullptr);
}
