#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace heatgrid {

/// Growing array of plain values, uninitialized where they are not written.
///
/// Grows with realloc, which remaps the pages of large arrays instead of copying them: a column of a hundred
/// megabytes is never in memory twice. Reserved memory that is not written takes no pages.
/// Cost: amortized constant per value. Throws std::bad_alloc.
template <class Value>
class Column {
    static_assert(std::is_trivially_copyable_v<Value>);

  public:
    Column() = default;
    Column(Column&& other) noexcept
        : values_(std::exchange(other.values_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Column& operator=(Column&& other) noexcept {
        std::swap(values_, other.values_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        return *this;
    }
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;
    ~Column() { std::free(values_); }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] const Value* data() const noexcept { return values_; }
    [[nodiscard]] Value* data() noexcept { return values_; }
    [[nodiscard]] Value operator[](std::size_t i) const noexcept { return values_[i]; }

    void push(Value value) {
        if (size_ == capacity_) grow(1);
        values_[size_++] = value;
    }

    /// Reserves memory for `count` values in all.
    void reserve(std::size_t count) {
        if (count > capacity_) grow(count - size_);
    }

    /// Appends `count` uninitialized values; returns the first.
    Value* extend(std::size_t count) {
        if (capacity_ - size_ < count) grow(count);
        size_ += count;
        return values_ + (size_ - count);
    }

    void append(const Value* values, std::size_t count) {
        if (count != 0) std::memcpy(extend(count), values, count * sizeof(Value));
    }

    /// Appends the values of another column, whose pages are returned on the way.
    void append(Column&& other) {
        if (size_ == 0 && capacity_ < other.size_) return static_cast<void>(*this = std::move(other));
        constexpr std::size_t step = large / sizeof(Value);
        for (std::size_t done = 0; done < other.size_; done += step) {
            const std::size_t count = std::min(step, other.size_ - done);
            append(other.values_ + done, count);
#if defined(__linux__)
            if (count == step) advise(other.values_ + done, large, MADV_DONTNEED);
#endif
        }
    }

    /// Appends copies of `value` up to `count` values in all.
    void pad(std::size_t count, Value value) {
        const std::size_t more = count > size_ ? count - size_ : 0;
        std::fill_n(extend(more), more, value);
    }

    /// Drops all but the first `size` values.
    void cut(std::size_t size) noexcept { size_ = std::min(size_, size); }

  private:
    void grow(std::size_t more) {
        constexpr std::size_t largest = std::numeric_limits<std::size_t>::max() / sizeof(Value) / 2;
        if (size_ > largest || more > largest - size_) throw std::bad_alloc();
        const std::size_t wanted = std::max({size_ + more, size_ + size_ / 2, smallest});
        void* const grown = std::realloc(values_, wanted * sizeof(Value));
        if (grown == nullptr) throw std::bad_alloc();
        values_ = static_cast<Value*>(grown);
        capacity_ = wanted;
        prefer_large_pages(grown, wanted * sizeof(Value));
    }

    // The kernel maps and clears one page of two megabytes much faster than 512 small ones.
    static void prefer_large_pages([[maybe_unused]] void* memory,
                                   [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(__linux__)
        if (bytes >= large) advise(memory, bytes, MADV_HUGEPAGE);
#endif
    }

#if defined(__linux__)
    // Advises the kernel on the whole pages of some memory, which has several.
    static void advise(void* memory, std::size_t bytes, int advice) noexcept {
        constexpr std::size_t page = 4096;
        const std::size_t before = -reinterpret_cast<std::uintptr_t>(memory) % page;
        madvise(static_cast<char*>(memory) + before, (bytes - before) / page * page, advice);
    }
#endif

    static constexpr std::size_t smallest = 64;
    static constexpr std::size_t large = std::size_t{1} << 22;

    Value* values_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace heatgrid
