#include "heatgrid/text/decimal.hpp"

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

constexpr std::uint64_t exact_integers = std::uint64_t{1} << 53;
constexpr std::int64_t exact_exponents = 22;
constexpr int digits_kept = 19;  // any so many fit in 64 bits
// More than the length of any text, and far from overflow when the number of digits is added.
constexpr std::int64_t largest_exponent = std::int64_t{1} << 60;

// Parts of a number.
struct Parts {
    std::uint64_t mantissa = 0;  // first digits, without leading zeros
    int kept = 0;                // number of its digits
    bool is_cut = false;         // whether there are more digits
    std::int64_t exponent = 0;   // power of ten that scales the mantissa
    std::int64_t magnitude = 0;  // 10^(magnitude - 1) <= value < 10^magnitude
    const char* end = nullptr;
};

bool is_digit(const char* text, const char* end) noexcept {
    return text != end && static_cast<unsigned char>(*text - '0') < 10;
}

// Reads digits; each that is not kept adds a power of ten.
const char* take_digits(const char* text, const char* end, Parts& parts) noexcept {
    for (; is_digit(text, end); ++text) {
        if (parts.kept == digits_kept) {
            parts.is_cut = true;
            ++parts.exponent;
        } else if (parts.kept > 0 || *text != '0') {
            parts.mantissa = 10 * parts.mantissa + static_cast<std::uint64_t>(*text - '0');
            ++parts.kept;
        }
    }
    return text;
}

// Returns null if no exponent begins here.
const char* take_exponent(const char* text, const char* end, Parts& parts) noexcept {
    const bool is_negative = text != end && *text == '-';
    if (text != end && (*text == '-' || *text == '+')) ++text;
    if (!is_digit(text, end)) return nullptr;
    std::int64_t exponent = 0;
    for (; is_digit(text, end); ++text) {
        if (exponent < largest_exponent / 10) exponent = 10 * exponent + (*text - '0');
    }
    parts.exponent += is_negative ? -exponent : exponent;
    return text;
}

// Reads a number after its sign; `end` stays null if there is none.
Parts take_parts(const char* text, const char* end) noexcept {
    Parts parts;
    if (!is_digit(text, end)) return parts;
    const char* next = text + 1;
    if (*text == '0') {
        if (is_digit(next, end)) return parts;
    } else {
        next = take_digits(text, end, parts);
    }
    if (next != end && *next == '.') {
        const char* const fraction = next + 1;
        next = take_digits(fraction, end, parts);
        if (next == fraction) return parts;
        parts.exponent -= next - fraction;
    }
    if (next != end && (*next == 'e' || *next == 'E')) {
        next = take_exponent(next + 1, end, parts);
        if (next == nullptr) return parts;
    }
    parts.magnitude = parts.exponent + parts.kept;
    parts.end = next;
    return parts;
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
    const bool is_negative = text != end && *text == '-';
    const Parts parts = take_parts(text + (is_negative ? 1 : 0), end);
    if (parts.end == nullptr) return nullptr;
    double magnitude = 0.0;
    if (parts.mantissa != 0) {
        const bool is_exact = !parts.is_cut && parts.mantissa <= exact_integers;
        const auto mantissa = static_cast<double>(parts.mantissa);
        if (is_exact && 0 <= parts.exponent && parts.exponent <= exact_exponents) {
            magnitude = mantissa * exact_powers_of_ten[parts.exponent];
        } else if (is_exact && -exact_exponents <= parts.exponent && parts.exponent < 0) {
            magnitude = mantissa / exact_powers_of_ten[-parts.exponent];
        } else if (parts.magnitude > 310) {
            magnitude = std::numeric_limits<double>::infinity();
        } else if (parts.magnitude >= -330 && !convert(text + (is_negative ? 1 : 0), parts.end, magnitude)) {
            magnitude = parts.magnitude > 0 ? std::numeric_limits<double>::infinity() : 0.0;
        }
    }
    value = is_negative ? -magnitude : magnitude;
    return parts.end;
}

}  // namespace heatgrid
