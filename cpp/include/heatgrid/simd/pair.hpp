// Two doubles at once: an x and a y, or the same coordinate of two things.
//
// Each operation is the plain double operation on either side, so results are those of scalar code to the
// last bit. SSE2 where every processor has it (x86-64); elsewhere plain code, which compilers turn into the
// like.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "heatgrid/simd/processor.hpp"

#if defined(HEATGRID_SSE2)
#include <emmintrin.h>
#endif

namespace heatgrid {

#if defined(HEATGRID_SSE2)

class Pair {
  public:
    // The answers to a comparison, one a side.
    class Mask {
      public:
        explicit Mask(__m128d bits) noexcept : bits_(bits) {}
        friend Mask operator&(Mask a, Mask b) noexcept { return Mask(_mm_and_pd(a.bits_, b.bits_)); }
        [[nodiscard]] bool all() const noexcept { return _mm_movemask_pd(bits_) == 3; }
        [[nodiscard]] bool any() const noexcept { return _mm_movemask_pd(bits_) != 0; }

      private:
        __m128d bits_;
    };

    Pair(double first, double second) noexcept : value_(_mm_set_pd(second, first)) {}
    explicit Pair(double both) noexcept : value_(_mm_set1_pd(both)) {}
    [[nodiscard]] static Pair load(const double* from) noexcept { return Pair(_mm_loadu_pd(from)); }
    [[nodiscard]] static Pair firsts(Pair a, Pair b) noexcept {
        return Pair(_mm_unpacklo_pd(a.value_, b.value_));
    }
    [[nodiscard]] static Pair seconds(Pair a, Pair b) noexcept {
        return Pair(_mm_unpackhi_pd(a.value_, b.value_));
    }
    [[nodiscard]] double first() const noexcept { return _mm_cvtsd_f64(value_); }
    [[nodiscard]] double second() const noexcept { return _mm_cvtsd_f64(_mm_unpackhi_pd(value_, value_)); }
    void store(double* to) const noexcept { _mm_storeu_pd(to, value_); }

    friend Pair operator+(Pair a, Pair b) noexcept { return Pair(_mm_add_pd(a.value_, b.value_)); }
    friend Pair operator-(Pair a, Pair b) noexcept { return Pair(_mm_sub_pd(a.value_, b.value_)); }
    friend Pair operator*(Pair a, Pair b) noexcept { return Pair(_mm_mul_pd(a.value_, b.value_)); }
    friend Pair operator/(Pair a, Pair b) noexcept { return Pair(_mm_div_pd(a.value_, b.value_)); }
    // a < b ? a : b and a > b ? a : b; so where a is NaN, b.
    friend Pair min(Pair a, Pair b) noexcept { return Pair(_mm_min_pd(a.value_, b.value_)); }
    friend Pair max(Pair a, Pair b) noexcept { return Pair(_mm_max_pd(a.value_, b.value_)); }

    friend Mask operator<(Pair a, Pair b) noexcept { return Mask(_mm_cmplt_pd(a.value_, b.value_)); }
    friend Mask operator==(Pair a, Pair b) noexcept { return Mask(_mm_cmpeq_pd(a.value_, b.value_)); }

    friend Pair abs(Pair a) noexcept { return Pair(_mm_andnot_pd(_mm_set1_pd(-0.0), a.value_)); }

    // Cuts off the fractions of values that fit an int32: writes the integers, returns them as doubles.
    Pair truncate(std::int32_t* integers) const noexcept {
        const __m128i whole = _mm_cvttpd_epi32(value_);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(integers), whole);
        return Pair(_mm_cvtepi32_pd(whole));
    }

  private:
    explicit Pair(__m128d value) noexcept : value_(value) {}

    __m128d value_;
};

#else

class Pair {
  public:
    class Mask {
      public:
        Mask(bool first, bool second) noexcept : first_(first), second_(second) {}
        friend Mask operator&(Mask a, Mask b) noexcept {
            return {a.first_ && b.first_, a.second_ && b.second_};
        }
        [[nodiscard]] bool all() const noexcept { return first_ && second_; }
        [[nodiscard]] bool any() const noexcept { return first_ || second_; }

      private:
        bool first_;
        bool second_;
    };

    Pair(double first, double second) noexcept : value_{first, second} {}
    explicit Pair(double both) noexcept : value_{both, both} {}
    [[nodiscard]] static Pair load(const double* from) noexcept { return {from[0], from[1]}; }
    [[nodiscard]] static Pair firsts(Pair a, Pair b) noexcept { return {a.value_[0], b.value_[0]}; }
    [[nodiscard]] static Pair seconds(Pair a, Pair b) noexcept { return {a.value_[1], b.value_[1]}; }
    [[nodiscard]] double first() const noexcept { return value_[0]; }
    [[nodiscard]] double second() const noexcept { return value_[1]; }
    void store(double* to) const noexcept { std::memcpy(to, value_, sizeof value_); }

    friend Pair operator+(Pair a, Pair b) noexcept {
        return {a.value_[0] + b.value_[0], a.value_[1] + b.value_[1]};
    }
    friend Pair operator-(Pair a, Pair b) noexcept {
        return {a.value_[0] - b.value_[0], a.value_[1] - b.value_[1]};
    }
    friend Pair operator*(Pair a, Pair b) noexcept {
        return {a.value_[0] * b.value_[0], a.value_[1] * b.value_[1]};
    }
    friend Pair operator/(Pair a, Pair b) noexcept {
        return {a.value_[0] / b.value_[0], a.value_[1] / b.value_[1]};
    }
    friend Pair min(Pair a, Pair b) noexcept {
        return {a.value_[0] < b.value_[0] ? a.value_[0] : b.value_[0],
                a.value_[1] < b.value_[1] ? a.value_[1] : b.value_[1]};
    }
    friend Pair max(Pair a, Pair b) noexcept {
        return {a.value_[0] > b.value_[0] ? a.value_[0] : b.value_[0],
                a.value_[1] > b.value_[1] ? a.value_[1] : b.value_[1]};
    }

    friend Mask operator<(Pair a, Pair b) noexcept {
        return {a.value_[0] < b.value_[0], a.value_[1] < b.value_[1]};
    }
    friend Mask operator==(Pair a, Pair b) noexcept {
        return {a.value_[0] == b.value_[0], a.value_[1] == b.value_[1]};
    }

    friend Pair abs(Pair a) noexcept { return {std::fabs(a.value_[0]), std::fabs(a.value_[1])}; }

    Pair truncate(std::int32_t* integers) const noexcept {
        integers[0] = static_cast<std::int32_t>(value_[0]);
        integers[1] = static_cast<std::int32_t>(value_[1]);
        return {static_cast<double>(integers[0]), static_cast<double>(integers[1])};
    }

  private:
    double value_[2];
};

#endif

[[nodiscard]] inline Pair clamp(Pair v, Pair low, Pair high) noexcept { return min(max(v, low), high); }

}  // namespace heatgrid
