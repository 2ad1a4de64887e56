// Lists of short decimals, read with AVX2: the values, which are those of strtod, and the end of reading.
#include "heatgrid/text/decimal_list_avx2.hpp"

#include <cstdlib>
#include <cstring>
#include <random>

#include "check.hpp"

using namespace heatgrid::check;

namespace {

struct Found {
    std::vector<std::uint64_t> bits;  // of each number
    std::size_t end = 0;              // of the last number, in the text
};

std::uint64_t bits_of(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

// The text ends where the memory ends.
Found read(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());
    heatgrid::Column<double> values;
    values.push(7.0);  // values before stay
    const char* after = exact.data();
    if constexpr (heatgrid::compiled_for_avx2) {
        after = heatgrid::read_short_decimals_avx2(after, after + exact.size(), ',', ']', values);
    }
    CHECK_EQUAL(values[0], 7.0);
    Found found;
    for (std::size_t i = 1; i < values.size(); ++i) found.bits.push_back(bits_of(values[i]));
    found.end = static_cast<std::size_t>(after - exact.data());
    return found;
}

std::size_t digits(const std::string& text, std::size_t at) {
    const std::size_t end = text.find_first_not_of("0123456789", at);
    return (end == std::string::npos ? text.size() : end) - at;
}

// Length of a JSON number without sign and exponent, followed by a comma or the list's end, or 0.
std::size_t number_at(const std::string& text, std::size_t at) {
    const std::size_t whole = digits(text, at);
    if (whole == 0 || (text[at] == '0' && whole > 1)) return 0;
    std::size_t length = whole;
    if (text.compare(at + length, 1, ".") == 0) {
        const std::size_t places = digits(text, at + length + 1);
        if (places == 0) return 0;
        length += 1 + places;
    }
    const char next = at + length < text.size() ? text[at + length] : ' ';
    return next == ',' || next == ']' ? length : 0;
}

// The expected numbers, one by one from the grammar.
Found expected_of(const std::string& text) {
    Found found;
    std::size_t at = 0;
    for (;;) {
        const std::size_t length = number_at(text, at);
        if (length == 0 || length > 8) break;
        found.bits.push_back(bits_of(std::strtod(text.substr(at, length).c_str(), nullptr)));
        at += length;
        found.end = at;
        if (text[at] == ']') break;
        ++at;
        if (at < text.size() && text[at] == ' ') ++at;
    }
    return found;
}

const std::string padding(100, ' ');

void check(const std::string& list) {
    const Found expected = expected_of(list + padding);
    const Found padded = read(list + padding);
    CHECK(padded.bits == expected.bits);
    CHECK_EQUAL(padded.end, expected.end);
    // Near the end of the memory, fewer may be read.
    const Found bare = read(list);
    CHECK(bare.bits.size() <= expected.bits.size());
    CHECK(std::equal(bare.bits.begin(), bare.bits.end(), expected.bits.begin()));
    CHECK(bare.bits.empty() ? bare.end == 0 : bare.end <= expected.end);
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST(numbers_are_those_of_strtod) {
    if (!heatgrid::has_avx2()) return;
    CHECK_EQUAL(read("12.34, 5,0.5, 639.99, 1234567.8, 12345678]" + padding).bits.size(), 4U);
    CHECK_EQUAL(read("12.34, 5,0.5, 639.99, 123456.7, 12345678]" + padding).bits.size(), 6U);
    for (const char* const number :
         {"0", "7", "10", "12345678", "0.5", "0.0", "123.45", "1234.567", "12345.67", "1.234567", "0.000001",
          "0.123456", "99999999", "9.999999"}) {
        for (const int times : {1, 2, 3, 4, 5, 31, 32, 33, 500}) {
            for (const char* const between : {",", ", "}) {
                const std::string others = repeated(number + std::string(between), times - 1);
                check(others + number + "]");
                CHECK_EQUAL(read(others + number + "]" + padding).bits.size(),
                            static_cast<std::size_t>(times));
            }
        }
    }
}

TEST(other_text_ends_the_list) {
    if (!heatgrid::has_avx2()) return;
    for (const char* const other :
         {"",          " ",          "-1",        "-0.5",
          "01",        "00",         "00.5",      ".5",
          "5.",        ".",          "1e3",       "1E3",
          "1.5e",      "1..2",       "1.2.3",     "1 ",
          "  1",       "1\n",        "x",         "1x",
          "NaN",       "null",       "\"1\"",     "[1",
          "123456789", "1234567.89", "0.1234567", "1\x80",
          "\xff",      "\x8a.5",     "1.\xb9",    "1/2",
          "1:2",       "+1",         "\t1",       "12345678901234567890123456789012345678901234567890"}) {
        for (const int before : {0, 1, 2, 3, 4, 5, 9, 130}) {
            for (const char* const between : {",", ", "}) {
                const std::string numbers = repeated(std::string("12.5") + between, before);
                check(numbers + other + between + "1, 2, 3, 4, 5]");
                check(numbers + other + "]");
                CHECK_EQUAL(read(numbers + other + between + "1, 2, 3, 4]" + padding).bits.size(),
                            static_cast<std::size_t>(before));
            }
        }
    }
}

TEST(lists_of_commas) {
    if (!heatgrid::has_avx2()) return;
    for (int before = 0; before < 130; ++before) {
        for (const char* const mark : {",", ", ", "]"}) check(repeated("1,", before) + repeated(mark, 200));
    }
}

TEST(mixed_numbers) {
    if (!heatgrid::has_avx2()) return;
    std::mt19937 random(5);
    for (int i = 0; i < 20000; ++i) {
        std::string list;
        const std::size_t count = random() % 60;
        const bool is_clean = random() % 2 == 0;
        for (std::size_t n = 0; n <= count; ++n) {
            const std::size_t length = 1 + random() % 8;
            std::string number;
            for (std::size_t d = 0; d < length; ++d) number += static_cast<char>('0' + random() % 10);
            if (random() % 4 != 0) number[random() % length] = '.';
            if (is_clean && expected_of(number + "]").bits.empty()) number = std::to_string(random() % 1000);
            if (!is_clean && random() % 40 == 0)
                number[random() % number.size()] = static_cast<char>(random());
            list += number + (n == count ? "]" : random() % 3 == 0 ? "," : ", ");
        }
        check(list);
    }
}
