// Fixed-point numbers of 128 bits: exact sums of weights and areas, which depend neither on the order of
// addition nor on the number of threads.
//
// A Scale maps doubles of bounded magnitude to 126 bits, such that a given number of them cannot overflow. A
// double within 2^-50 of the largest keeps all its bits in sums of up to 2^20 values; a smaller one is
// rounded to the last place.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace heatgrid {

class Fixed {
  public:
    constexpr Fixed() noexcept = default;
    constexpr Fixed(std::uint64_t high, std::uint64_t low) noexcept : high_(high), low_(low) {}

    Fixed& operator+=(Fixed other) noexcept {
        low_ += other.low_;
        high_ += other.high_ + static_cast<std::uint64_t>(low_ < other.low_);
        return *this;
    }
    Fixed& operator-=(Fixed other) noexcept { return *this += -other; }
    [[nodiscard]] Fixed operator-() const noexcept {
        return {~high_ + static_cast<std::uint64_t>(low_ == 0), ~low_ + 1};
    }

    [[nodiscard]] bool is_negative() const noexcept { return high_ >> 63 != 0; }
    [[nodiscard]] bool is_zero() const noexcept { return (high_ | low_) == 0; }

    /// The nearest double, ties to even, times 2^exponent.
    [[nodiscard]] double to_double(int exponent) const noexcept;

  private:
    std::uint64_t high_ = 0;
    std::uint64_t low_ = 0;
};

/// Position of the last place of fixed-point numbers.
class Scale {
  public:
    /// Room for `count` doubles of at most `largest` in size.
    Scale(double largest, std::size_t count) noexcept {
        int bits = 0;
        for (std::size_t n = count; n != 0; n >>= 1) ++bits;
        int exponent = 0;
        std::frexp(largest, &exponent);
        places_ = 126 - bits - exponent;
    }

    [[nodiscard]] Fixed from_double(double v) const noexcept;
    [[nodiscard]] double to_double(Fixed v) const noexcept {
        return v.is_zero() ? 0.0 : v.to_double(-places_);
    }

  private:
    int places_;
};

}  // namespace heatgrid
