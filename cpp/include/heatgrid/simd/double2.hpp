// Two doubles at once: an x and a y, or the same coordinate of two things.
//
// Each operation is the scalar double operation on either side, so that results equal those of scalar code to
// the last bit. The processor's vectors if available, otherwise scalar code.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "heatgrid/simd/intrinsics.hpp"

namespace heatgrid {

#if defined(HEATGRID_SSE2)

class Double2 {
  public:
    /// Results of a comparison, one per side.
    class Mask {
      public:
        explicit Mask(__m128d bits) noexcept : bits_(bits) {}
        friend Mask operator&(Mask a, Mask b) noexcept { return Mask(_mm_and_pd(a.bits_, b.bits_)); }
        [[nodiscard]] bool all() const noexcept { return _mm_movemask_pd(bits_) == 3; }
        [[nodiscard]] bool any() const noexcept { return _mm_movemask_pd(bits_) != 0; }

      private:
        __m128d bits_;
    };

    Double2(double first, double second) noexcept : value_(_mm_set_pd(second, first)) {}
    explicit Double2(double both) noexcept : value_(_mm_set1_pd(both)) {}
    [[nodiscard]] static Double2 load(const double* from) noexcept { return Double2(_mm_loadu_pd(from)); }
    [[nodiscard]] static Double2 firsts(Double2 a, Double2 b) noexcept {
        return Double2(_mm_unpacklo_pd(a.value_, b.value_));
    }
    [[nodiscard]] static Double2 seconds(Double2 a, Double2 b) noexcept {
        return Double2(_mm_unpackhi_pd(a.value_, b.value_));
    }
    [[nodiscard]] double first() const noexcept { return _mm_cvtsd_f64(value_); }
    [[nodiscard]] double second() const noexcept { return _mm_cvtsd_f64(_mm_unpackhi_pd(value_, value_)); }
    void store(double* to) const noexcept { _mm_storeu_pd(to, value_); }

    friend Double2 operator+(Double2 a, Double2 b) noexcept {
        return Double2(_mm_add_pd(a.value_, b.value_));
    }
    friend Double2 operator-(Double2 a, Double2 b) noexcept {
        return Double2(_mm_sub_pd(a.value_, b.value_));
    }
    friend Double2 operator*(Double2 a, Double2 b) noexcept {
        return Double2(_mm_mul_pd(a.value_, b.value_));
    }
    friend Double2 operator/(Double2 a, Double2 b) noexcept {
        return Double2(_mm_div_pd(a.value_, b.value_));
    }
    // a < b ? a : b and a > b ? a : b; therefore b if a is NaN.
    friend Double2 min(Double2 a, Double2 b) noexcept { return Double2(_mm_min_pd(a.value_, b.value_)); }
    friend Double2 max(Double2 a, Double2 b) noexcept { return Double2(_mm_max_pd(a.value_, b.value_)); }

    friend Mask operator<(Double2 a, Double2 b) noexcept { return Mask(_mm_cmplt_pd(a.value_, b.value_)); }
    friend Mask operator==(Double2 a, Double2 b) noexcept { return Mask(_mm_cmpeq_pd(a.value_, b.value_)); }

    friend Double2 abs(Double2 a) noexcept { return Double2(_mm_andnot_pd(_mm_set1_pd(-0.0), a.value_)); }

    // Truncates values that fit an int32: writes the integers, returns them as doubles.
    Double2 truncate(std::int32_t* integers) const noexcept {
        const __m128i whole = _mm_cvttpd_epi32(value_);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(integers), whole);
        return Double2(_mm_cvtepi32_pd(whole));
    }

  private:
    explicit Double2(__m128d value) noexcept : value_(value) {}

    __m128d value_;
};

#else

class Double2 {
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

    Double2(double first, double second) noexcept : value_{first, second} {}
    explicit Double2(double both) noexcept : value_{both, both} {}
    [[nodiscard]] static Double2 load(const double* from) noexcept { return {from[0], from[1]}; }
    [[nodiscard]] static Double2 firsts(Double2 a, Double2 b) noexcept { return {a.value_[0], b.value_[0]}; }
    [[nodiscard]] static Double2 seconds(Double2 a, Double2 b) noexcept { return {a.value_[1], b.value_[1]}; }
    [[nodiscard]] double first() const noexcept { return value_[0]; }
    [[nodiscard]] double second() const noexcept { return value_[1]; }
    void store(double* to) const noexcept { std::memcpy(to, value_, sizeof value_); }

    friend Double2 operator+(Double2 a, Double2 b) noexcept {
        return {a.value_[0] + b.value_[0], a.value_[1] + b.value_[1]};
    }
    friend Double2 operator-(Double2 a, Double2 b) noexcept {
        return {a.value_[0] - b.value_[0], a.value_[1] - b.value_[1]};
    }
    friend Double2 operator*(Double2 a, Double2 b) noexcept {
        return {a.value_[0] * b.value_[0], a.value_[1] * b.value_[1]};
    }
    friend Double2 operator/(Double2 a, Double2 b) noexcept {
        return {a.value_[0] / b.value_[0], a.value_[1] / b.value_[1]};
    }
    friend Double2 min(Double2 a, Double2 b) noexcept {
        return {a.value_[0] < b.value_[0] ? a.value_[0] : b.value_[0],
                a.value_[1] < b.value_[1] ? a.value_[1] : b.value_[1]};
    }
    friend Double2 max(Double2 a, Double2 b) noexcept {
        return {a.value_[0] > b.value_[0] ? a.value_[0] : b.value_[0],
                a.value_[1] > b.value_[1] ? a.value_[1] : b.value_[1]};
    }

    friend Mask operator<(Double2 a, Double2 b) noexcept {
        return {a.value_[0] < b.value_[0], a.value_[1] < b.value_[1]};
    }
    friend Mask operator==(Double2 a, Double2 b) noexcept {
        return {a.value_[0] == b.value_[0], a.value_[1] == b.value_[1]};
    }

    friend Double2 abs(Double2 a) noexcept { return {std::fabs(a.value_[0]), std::fabs(a.value_[1])}; }

    Double2 truncate(std::int32_t* integers) const noexcept {
        integers[0] = static_cast<std::int32_t>(value_[0]);
        integers[1] = static_cast<std::int32_t>(value_[1]);
        return {static_cast<double>(integers[0]), static_cast<double>(integers[1])};
    }

  private:
    double value_[2];
};

#endif

[[nodiscard]] inline Double2 clamp(Double2 v, Double2 low, Double2 high) noexcept {
    return min(max(v, low), high);
}

}  // namespace heatgrid
