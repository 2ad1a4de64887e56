#include "heatgrid/shapes/orientation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace heatgrid {
namespace {

// A signed big integer, large enough for all products here, times a power of two.
class Exact {
  public:
    // 0 for a number that is not finite, which only a change by another thread can bring here.
    explicit Exact(double value) noexcept {
        if (!std::isfinite(value)) return;
        int exponent = 0;
        const double fraction = std::frexp(std::fabs(value), &exponent);
        auto whole = static_cast<std::uint64_t>(std::ldexp(fraction, mantissa_bits));
        exponent_ = exponent - mantissa_bits;
        is_negative_ = value < 0.0;
        for (; whole > 0; whole >>= limb_bits) limbs_[size_++] = static_cast<std::uint32_t>(whole);
    }

    [[nodiscard]] int sign() const noexcept {
        if (size_ == 0) return 0;
        return is_negative_ ? -1 : 1;
    }

    // The number as a fraction in [0.5, 1) times a power of two, to 62 bits before rounding.
    [[nodiscard]] double fraction(int& exponent) const noexcept {
        double value = 0.0;
        const int last = std::max(0, size_ - 3);
        for (int i = size_ - 1; i >= last; --i) value = value * 0x1p32 + static_cast<double>(limbs_[i]);
        value = std::frexp(is_negative_ ? -value : value, &exponent);
        exponent += exponent_ + last * limb_bits;
        return value;
    }

    friend Exact operator*(const Exact& a, const Exact& b) noexcept {
        Exact product;
        if (a.size_ <= 0 || b.size_ <= 0) return product;
        product.exponent_ = a.exponent_ + b.exponent_;
        product.is_negative_ = a.is_negative_ != b.is_negative_;
        product.size_ = a.size_ + b.size_;
        std::fill_n(product.limbs_, product.size_, 0U);
        for (int i = 0; i < a.size_; ++i) {
            std::uint64_t carry = 0;
            for (int j = 0; j < b.size_; ++j) {
                carry += std::uint64_t{a.limbs_[i]} * b.limbs_[j] + product.limbs_[i + j];
                product.limbs_[i + j] = static_cast<std::uint32_t>(carry);
                carry >>= limb_bits;
            }
            product.limbs_[i + b.size_] = static_cast<std::uint32_t>(carry);
        }
        product.trim();
        return product;
    }

    friend Exact operator-(const Exact& a, const Exact& b) noexcept {
        if (b.size_ == 0) return a;
        if (a.size_ == 0) return b.negated();
        if (a.exponent_ < b.exponent_) return a - b.aligned_to(a.exponent_);
        if (b.exponent_ < a.exponent_) return a.aligned_to(b.exponent_) - b;
        if (a.is_negative_ != b.is_negative_) return combine(a, b, a.is_negative_, 1);
        return is_smaller(a, b) ? combine(b, a, !a.is_negative_, -1) : combine(a, b, a.is_negative_, -1);
    }

  private:
    static constexpr int limb_bits = 32;
    static constexpr int mantissa_bits = 53;
    // A difference of two doubles has at most 2152 bits in this representation, a product of two twice as
    // many.
    static constexpr int max_limbs = 2 * 68 + 4;

    Exact() noexcept = default;

    [[nodiscard]] Exact negated() const noexcept {
        Exact result = *this;
        result.is_negative_ = !is_negative_;
        return result;
    }

    // The same number with a smaller exponent.
    [[nodiscard]] Exact aligned_to(int exponent) const noexcept {
        Exact result;
        const int limbs = (exponent_ - exponent) / limb_bits;
        const int bits = (exponent_ - exponent) % limb_bits;
        result.exponent_ = exponent;
        result.is_negative_ = is_negative_;
        result.size_ = size_ + limbs + 1;
        std::fill_n(result.limbs_, limbs, 0U);
        std::uint64_t carry = 0;
        for (int i = 0; i < size_; ++i) {
            carry |= std::uint64_t{limbs_[i]} << bits;
            result.limbs_[limbs + i] = static_cast<std::uint32_t>(carry);
            carry >>= limb_bits;
        }
        result.limbs_[limbs + size_] = static_cast<std::uint32_t>(carry);
        result.trim();
        return result;
    }

    // The magnitude of a plus or minus that of b, which is not greater when subtracted; equal exponents.
    [[nodiscard]] static Exact combine(const Exact& a, const Exact& b, bool is_negative, int sign) noexcept {
        Exact result;
        result.exponent_ = a.exponent_;
        result.is_negative_ = is_negative;
        result.size_ = std::max(a.size_, b.size_) + 1;
        std::int64_t carry = 0;
        for (int i = 0; i < result.size_; ++i) {
            carry += a.limb(i) + sign * b.limb(i);
            result.limbs_[i] = static_cast<std::uint32_t>(carry & 0xffffffff);
            carry >>= limb_bits;
        }
        result.trim();
        return result;
    }

    [[nodiscard]] static bool is_smaller(const Exact& a, const Exact& b) noexcept {
        if (a.size_ != b.size_) return a.size_ < b.size_;
        for (int i = a.size_ - 1; i >= 0; --i) {
            if (a.limbs_[i] != b.limbs_[i]) return a.limbs_[i] < b.limbs_[i];
        }
        return false;
    }

    [[nodiscard]] std::int64_t limb(int i) const noexcept { return i < size_ ? std::int64_t{limbs_[i]} : 0; }

    void trim() noexcept {
        while (size_ > 0 && limbs_[size_ - 1] == 0) --size_;
    }

    int exponent_ = 0;
    int size_ = 0;
    bool is_negative_ = false;
    std::uint32_t limbs_[max_limbs];  // the lowest first; only `size_` of them are set
};

Exact exact_orientation(const Position& a, const Position& b, const Position& c) noexcept {
    const Exact ax(a.x);
    const Exact ay(a.y);
    return (Exact(b.x) - ax) * (Exact(c.y) - ay) - (Exact(b.y) - ay) * (Exact(c.x) - ax);
}

}  // namespace

int orientation(const Position& a, const Position& b, const Position& c) noexcept {
    constexpr double error = 0x1p-51;
    constexpr double underflow = 1e-300;
    const double left = (b.x - a.x) * (c.y - a.y);
    const double right = (b.y - a.y) * (c.x - a.x);
    const double difference = left - right;
    const double bound = (std::fabs(left) + std::fabs(right)) * error + underflow;
    if (difference > bound) return 1;
    if (difference < -bound) return -1;
    return exact_orientation(a, b, c).sign();
}

double crossing(const Position& a, const Position& b, double y) noexcept {
    int shift = 0;
    int rise_shift = 0;
    const double product = exact_orientation(a, b, {0.0, y}).fraction(shift);
    const double rise = (Exact(b.y) - Exact(a.y)).fraction(rise_shift);
    return std::ldexp(product / rise, shift - rise_shift);
}

}  // namespace heatgrid
