#include "heatgrid/text/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#if !defined(__cpp_lib_to_chars)
#include <cstdlib>
#include <string>
#if defined(__APPLE__)
#include <xlocale.h>
#else
#include <locale.h>
#endif
#endif

namespace heatgrid {
namespace {

bool is_digit(const char* text, const char* end) noexcept {
    return text != end && static_cast<unsigned char>(*text - '0') < 10;
}

// Skips at least one digit; returns null if there is none.
const char* skip_digits(const char* text, const char* end) noexcept {
    if (!is_digit(text, end)) return nullptr;
    while (is_digit(text, end)) ++text;
    return text;
}

// End of the number that begins at `text`, or null.
const char* end_of_number(const char* text, const char* end) noexcept {
    if (text != end && *text == '-') ++text;
    const bool is_zero = text != end && *text == '0';
    const char* next = skip_digits(text, end);
    if (next == nullptr || (is_zero && next - text > 1)) return nullptr;
    if (next != end && *next == '.') next = skip_digits(next + 1, end);
    if (next != nullptr && next != end && (*next == 'e' || *next == 'E')) {
        ++next;
        if (next != end && (*next == '-' || *next == '+')) ++next;
        next = skip_digits(next, end);
    }
    return next;
}

// Whether a number out of the range of doubles is too large, not too small: 10^(digits + exponent) bounds it.
bool is_large(const char* text, const char* end) noexcept {
    const char* const mark = std::find_if(text, end, [](char c) { return c == 'e' || c == 'E'; });
    const char* const point = std::find(text, mark, '.');
    const char* const first = std::find_if(text, mark, [](char c) { return '1' <= c && c <= '9'; });
    if (first == mark) return false;
    const std::int64_t digits = point - first + (point < first ? 1 : 0);  // before the point, or minus zeros
    if (mark == end) return digits > 0;
    const char* const power = mark + (mark[1] == '+' ? 2 : 1);
    std::int64_t exponent = 0;
    if (std::from_chars(power, end, exponent).ec != std::errc{}) return *power != '-';
    return exponent > -digits;
}

// Converts text that is a number to the nearest double; false on overflow or underflow.
bool convert(const char* text, const char* end, double& value) noexcept {
#if defined(__cpp_lib_to_chars)
    return std::from_chars(text, end, value).ec == std::errc{};
#else
    static const locale_t c_locale = newlocale(LC_ALL_MASK, "C", nullptr);
    value = strtod_l(std::string(text, end).c_str(), nullptr, c_locale);  // gives infinity or 0 itself
    return true;
#endif
}

}  // namespace

const char* read_long_decimal(const char* text, const char* end, double& value) noexcept {
    const char* const after = end_of_number(text, end);
    if (after == nullptr) return nullptr;
    if (!convert(text, after, value)) {
        const double magnitude = is_large(text, after) ? std::numeric_limits<double>::infinity() : 0.0;
        value = *text == '-' ? -magnitude : magnitude;
    }
    return after;
}

}  // namespace heatgrid
