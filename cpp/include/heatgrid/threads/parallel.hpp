// Work shared by threads. The first exception of a worker is rethrown in the caller; results do not depend on
// the number of threads. The caller looks whether to stop (interrupt.hpp) while it waits for the others.
#pragma once

#include <cstddef>

namespace heatgrid {

/// Reference to a function work(worker, begin, end), which outlives it.
class WorkReference {
  public:
    template <class Work>
    explicit WorkReference(const Work& work) noexcept
        : work_(&work), call_([](const void* called, std::size_t worker, std::size_t begin, std::size_t end) {
              (*static_cast<const Work*>(called))(worker, begin, end);
          }) {}

    void operator()(std::size_t worker, std::size_t begin, std::size_t end) const {
        call_(work_, worker, begin, end);
    }

  private:
    const void* work_;
    void (*call_)(const void*, std::size_t, std::size_t, std::size_t);
};

/// Calls work(worker, begin, end) with [0, count) divided into contiguous parts, one per worker, and waits
/// for all.
void share(std::size_t count, std::size_t workers, WorkReference work);

template <class Work>
void share(std::size_t count, std::size_t workers, const Work& work) {
    share(count, workers, WorkReference(work));
}

}  // namespace heatgrid
