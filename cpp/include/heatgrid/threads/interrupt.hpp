// Interruption of long work. The thread that began it asks now and then whether to stop; then all threads of
// the work stop at their next checkpoint, by an exception.
//
// A step is about a nanosecond of work. A checkpoint costs a subtraction; every half million steps it reads a
// flag, and the clock in the thread that began the work.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <thread>
#include <utility>

namespace heatgrid {

/// Thrown at a checkpoint of a thread other than the one that asks.
struct Interrupted : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

/// Work that can be interrupted. `ask` throws to stop it; it is called in the thread that creates the object.
class Interruptible {
  public:
    static constexpr std::chrono::milliseconds pause{50};  ///< between two questions

    explicit Interruptible(std::function<void()> ask) : ask_(std::move(ask)), before_(current) {
        current = this;
    }
    ~Interruptible() { current = before_; }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

    /// Throws if the current thread's work shall stop.
    static void look() {
        if (current) current->look_here();
    }

    /// The work of the current thread; threads that it starts join it for the life of a Member.
    [[nodiscard]] static Interruptible* here() noexcept { return current; }
    class Member {
      public:
        explicit Member(Interruptible* work) noexcept { current = work; }
        ~Member() { current = nullptr; }
        Member(const Member&) = delete;
        Member& operator=(const Member&) = delete;
    };

  private:
    void look_here() {
        if (stops_.load(std::memory_order_relaxed)) throw Interrupted();
        if (std::this_thread::get_id() != owner_) return;
        const auto now = std::chrono::steady_clock::now();
        if (now < next_) return;
        next_ = now + pause;
        try {
            ask_();
        } catch (...) {
            stops_.store(true, std::memory_order_relaxed);
            throw;
        }
    }

    static thread_local Interruptible* current;

    std::function<void()> ask_;
    Interruptible* before_;
    std::thread::id owner_ = std::this_thread::get_id();
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + pause;
    std::atomic<bool> stops_{false};
};

/// Place in a loop where work may stop; of one thread.
class Checkpoint {
  public:
    void operator()(std::size_t steps) {
        left_ -= static_cast<std::int64_t>(steps);
        if (left_ >= 0) return;
        left_ = period;
        Interruptible::look();
    }

  private:
    static constexpr std::int64_t period = 500'000;

    std::int64_t left_ = period;
};

}  // namespace heatgrid
