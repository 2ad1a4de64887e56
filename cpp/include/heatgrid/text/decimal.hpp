#pragma once

#include <cstdint>
#include <cstring>

#include "heatgrid/simd/bits.hpp"

namespace heatgrid {

/// Reads a number of any length; see read_decimal.
const char* read_long_decimal(const char* text, const char* end, double& value) noexcept;

namespace decimal_detail {

inline constexpr double powers_of_ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

/// The number of eight digits 0..9, one per byte, the first in the lowest: three multiplications (D. Lemire,
/// "Quickly parsing eight digits", 2018).
[[nodiscard]] inline std::uint64_t join_digits(std::uint64_t digits) noexcept {
    digits = (digits * 2561) >> 8 & 0x00FF00FF00FF00FF;
    digits = (digits * 6553601) >> 16 & 0x0000FFFF0000FFFF;
    return (digits * 42949672960001) >> 32;
}

}  // namespace decimal_detail

/// Reads the number at `text` in the grammar of JSON, -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?, as the
/// nearest double, ties to even: the bits of Python's float(). Overflow gives infinity, underflow 0, with the
/// sign. Returns the end of the number, or null if none begins at `text`.
///
/// Numbers of up to seven digits are the quotient of two integers that a double represents exactly, so that
/// one division rounds correctly (W. D. Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990).
/// Other numbers go to std::from_chars, which implements the Eisel-Lemire algorithm in current libraries
/// (D. Lemire, "Number Parsing at a Gigabyte per Second", 2021), or else to strtod in the C locale.
///
/// Cost: a few nanoseconds for up to seven digits, which are read as one word; otherwise proportional to the
/// length. Never reads past `end`.
[[nodiscard]] inline const char* read_decimal(const char* text, const char* end, double& value) noexcept {
    using namespace decimal_detail;
    if (!first_byte_is_lowest || end - text < 10) return read_long_decimal(text, end, value);
    const bool is_negative = *text == '-';
    const char* const digits = text + (is_negative ? 1 : 0);
    std::uint64_t word = 0;
    std::memcpy(&word, digits, sizeof word);
    word ^= 0x3030303030303030;  // digits become their values, '.' becomes 0x1E
    // High bit of each byte that is not a digit, correct up to the second.
    std::uint64_t others = ((word + 0x7676767676767676) | word) & 0x8080808080808080;
    if (others == 0) return read_long_decimal(text, end, value);
    const auto whole = static_cast<unsigned>(lowest_bit(others)) / 8;
    unsigned length = whole;
    unsigned fraction = 0;
    if ((word >> (8 * whole) & 0xFF) == ('.' ^ '0')) {
        others &= others - 1;
        length = others == 0 ? 8 : static_cast<unsigned>(lowest_bit(others)) / 8;
        fraction = length - whole - 1;
        if (fraction == 0 || whole == 0) return read_long_decimal(text, end, value);
        const std::uint64_t before = (std::uint64_t{1} << (8 * whole)) - 1;
        word = (word & before) | ((word >> 8) & ~before);
    }
    const char next = digits[length];
    const bool goes_on = static_cast<unsigned char>(next - '0') < 10 || (next | 0x20) == 'e';
    const bool has_leading_zero = (word & 0xFF) == 0 && whole > 1;
    if (goes_on || has_leading_zero || whole == 0) return read_long_decimal(text, end, value);
    const unsigned count = whole + fraction;  // 1 .. 7
    const auto mantissa = static_cast<double>(join_digits(word << (64 - 8 * count)));
    const double magnitude = mantissa / powers_of_ten[fraction];
    value = is_negative ? -magnitude : magnitude;
    return digits + length;
}

}  // namespace heatgrid
