#include "heatgrid/count/fixed.hpp"

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
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(v), &exponent);
    auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
    const int shift = exponent - 53 + places_;
    Fixed size;
    if (shift >= 64) {
        size = {mantissa << (shift - 64), 0};
    } else if (shift > 0) {
        size = {mantissa >> (64 - shift), mantissa << shift};
    } else if (shift > -54) {
        size = {0, shift == 0 ? mantissa : ((mantissa >> (-shift - 1)) + 1) >> 1};
    }
    return v < 0.0 ? -size : size;
}

}  // namespace heatgrid
