#include "heatgrid/count/fixed.hpp"

#include <cstring>

namespace heatgrid {

double Fixed::to_double(int exponent) const noexcept {
    const Fixed size = is_negative() ? -*this : *this;
    std::uint64_t top = size.low_;
    if (size.high_ != 0) {
        int shift = 0;
        while (!(size.high_ << shift >> 63)) ++shift;
        const std::uint64_t rest = size.low_ << shift;
        top = size.high_ << shift | (shift == 0 ? 0 : size.low_ >> (64 - shift));
        // The bits below decide ties only, so that one bit can represent them.
        top |= static_cast<std::uint64_t>(rest != 0);
        exponent += 64 - shift;
    }
    const double value = std::ldexp(static_cast<double>(top), exponent);
    return is_negative() ? -value : value;
}

Fixed Scale::from_double(double v) const noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    const auto exponent = static_cast<int>(bits >> 52 & 0x7FF);
    const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
    const std::uint64_t mantissa = exponent == 0 ? fraction : fraction | std::uint64_t{1} << 52;
    // The value is the mantissa times 2^(exponent - 1075), or 2^-1074 times it if that is subnormal.
    const int shift = (exponent == 0 ? 1 : exponent) - 1075 + places_;
    Fixed size;
    if (shift >= 64) {
        size = {shift < 128 ? mantissa << (shift - 64) : 0, 0};
    } else if (shift > 0) {
        size = {mantissa >> (64 - shift), mantissa << shift};
    } else if (shift > -54) {
        size = {0, shift == 0 ? mantissa : ((mantissa >> (-shift - 1)) + 1) >> 1};
    }
    return v < 0.0 ? -size : size;
}

}  // namespace heatgrid
