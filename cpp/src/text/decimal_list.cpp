#include "heatgrid/text/decimal_list.hpp"

#include <cstring>

#include "decimal_list_avx2.hpp"
#include "heatgrid/simd/bits.hpp"
#include "heatgrid/text/decimal.hpp"
#include "heatgrid/text/text_block.hpp"

namespace heatgrid {
namespace {

// Converts the first `length` characters of a word; false if they are not a number, or have a sign or an
// exponent.
bool convert_one(std::uint64_t word, std::size_t length, double& value) noexcept {
    using namespace decimal_detail;
    constexpr std::size_t most = sizeof word;
    if (length - 1 >= most) return false;
    word = (word ^ each_byte('0')) << (8 * (most - length));  // the last character in the highest byte
    // High bit of each byte that is not a digit, correct up to the first non-ASCII byte.
    const std::uint64_t others = ((word + each_byte(0x76)) | word) & each_byte(0x80);
    const std::uint64_t first = word >> (8 * (most - length)) & 0xFF;
    if (others == 0) {
        if (first == 0 && length > 1) return false;
        value = static_cast<double>(join_digits(word));
        return true;
    }
    const auto point = static_cast<unsigned>(lowest_bit(others)) / 8;
    const std::size_t fraction = most - 1 - point;
    const std::size_t whole = length - 1 - fraction;
    const bool is_point = (others & (others - 1)) == 0 && (word >> (8 * point) & 0xFF) == ('.' ^ '0');
    if (!is_point || fraction == 0 || whole == 0 || (first == 0 && whole > 1)) return false;
    const std::uint64_t before = (std::uint64_t{1} << (8 * point)) - 1;
    const std::uint64_t digits =
        (word & before) << 8 | (word & ~before & ~(std::uint64_t{0xFF} << (8 * point)));
    value = static_cast<double>(join_digits(digits)) / exact_powers_of_ten[fraction];
    return true;
}

// Converts up to the first candidate that is not a short number; returns their number.
std::size_t convert(const ShortDecimals& numbers, double* values) noexcept {
    std::size_t i = 0;
    if constexpr (compiled_for_avx2) {
        static const bool use_avx2 = has_avx2();
        if (use_avx2) i = convert_avx2(numbers, values);
    }
    while (i < numbers.count && convert_one(numbers.words[i], numbers.lengths[i], values[i])) ++i;
    return i;
}

// Splits the list at `text` into candidates at its commas; returns where it goes on, null at its end.
const char* split(const char* text, const char* end, ShortDecimals& numbers) noexcept {
    constexpr std::size_t ahead = TextBlock::size + sizeof(std::uint64_t);
    std::size_t count = 0;
    // In a block of commas only, every character ends a candidate.
    while (count + TextBlock::size <= ShortDecimals::most && static_cast<std::size_t>(end - text) >= ahead) {
        const TextBlock block(text);
        const std::uint64_t brackets = block.mask_of(']');
        std::uint64_t marks = block.mask_of(',') | brackets;
        marks &= brackets ^ (brackets - 1);  // none after the first bracket
        const char* number = text;
        for (; marks != 0; marks &= marks - 1, ++count) {
            const char* const mark = text + lowest_bit(marks);
            std::memcpy(&numbers.words[count], number, sizeof numbers.words[count]);
            numbers.lengths[count] = static_cast<std::size_t>(mark - number);
            numbers.ends[count] = mark;
            number = mark + 1 + (mark[1] == ' ' ? 1 : 0);
        }
        if (brackets != 0) {
            text = nullptr;
            break;
        }
        if (number == text) break;  // a number longer than a block
        text = number;
    }
    numbers.count = count;
    return text;
}

}  // namespace

const char* read_short_decimals(const char* text, const char* end, Column<double>& values) {
    const char* after = text;
    ShortDecimals numbers;
    while (first_byte_is_lowest && text != nullptr) {
        text = split(text, end, numbers);
        if (numbers.count == 0) break;
        const std::size_t before = values.size();
        const std::size_t read = convert(numbers, values.extend(numbers.count));
        values.cut(before + read);
        if (read != 0) after = numbers.ends[read - 1];
        if (read != numbers.count) break;
    }
    return after;
}

}  // namespace heatgrid
