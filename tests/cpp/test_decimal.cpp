// Decimal text: the grammar, and the same bits as strtod in the C locale.
#include "heatgrid/text/decimal.hpp"

#include <cstdlib>
#include <random>

#include "check.hpp"

using namespace heatgrid::check;

namespace {

// Bits and length of the number, or "none"; the same with and without text after it.
std::string read(const std::string& text) {
    const auto describe = [](const char* begin, const char* after, double value) {
        if (after == nullptr) return std::string("none");
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        return std::to_string(bits) + " after " + std::to_string(after - begin);
    };
    double value = 0.0;
    const std::string alone(text);
    const char* after = heatgrid::read_decimal(alone.data(), alone.data() + alone.size(), value);
    const std::string found = describe(alone.data(), after, value);
    const std::string followed = text + ", 12345678901234567890";
    after = heatgrid::read_decimal(followed.data(), followed.data() + followed.size(), value);
    CHECK_EQUAL(describe(followed.data(), after, value), found);
    return found;
}

std::string by_strtod(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return std::to_string(bits) + " after " + std::to_string(end - text.c_str());
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST(short_numbers) {
    for (const char* const text : {"0", "-0", "7", "10", "1234567", "12345678", "0.5", "-0.25", "0.0", "-0.0",
                                   "123.45", "1234.567", "12345.67", "1.234567", "0.000001", "639.99"}) {
        CHECK_EQUAL(read(text), by_strtod(text));
    }
}

TEST(long_numbers) {
    for (const char* const text :
         {"329.56999999999994", "0.1000000000000000055511151231257827", "9007199254740993",
          "9007199254740992", "123456789012345678901234567890", "0.30000000000000004", "1e22", "1e23",
          "8.5e-22", "1.7976931348623157e308", "17976931348623158e292"}) {
        CHECK_EQUAL(read(text), by_strtod(text));
    }
}

TEST(halves_between_two_doubles_go_to_the_even_one) {
    for (const char* const text :
         {"9007199254740993.0", "9007199254740995.0", "9007199254740993.00000000000000000000000000000001",
          "1.00000000000000011102230246251565404236316680908203125",
          "1.00000000000000011102230246251565404236316680908203124",
          "1.00000000000000011102230246251565404236316680908203126",
          "17976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797758720"
          "70963302864166928879109465555478519404026306574886715058206819089020007083836762738548458177115317"
          "6447573027006985557136695962284291481986083493647529271907416844436551070434271155969950809304288"
          "0"}) {
        CHECK_EQUAL(read(text), by_strtod(text));
    }
}

TEST(tiny_numbers) {
    for (const char* const text :
         {"5e-324", "4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-323", "2e-320",
          "2.2250738585072011e-308", "2.2250738585072014e-308", "2.225073858507201136e-308", "1e-400",
          "-1e-400", "0.00000000000000000000000000000000000001e-300"}) {
        CHECK_EQUAL(read(text), by_strtod(text));
    }
    CHECK_EQUAL(read("0." + repeated("0", 400) + "1"), "0 after 403");
}

TEST(huge_numbers) {
    for (const char* const text :
         {"1e308", "1e309", "-1e309", "1.7976931348623158e308", "1.7976931348623159e308",
          "1e99999999999999999999", "0e99999999999999999999", "1e-99999999999999999999", "-0e5"}) {
        CHECK_EQUAL(read(text), by_strtod(text));
    }
    CHECK_EQUAL(read(repeated("9", 400)), by_strtod(repeated("9", 400)));
    CHECK_EQUAL(read(repeated("9", 300) + "e-290"), by_strtod(repeated("9", 300) + "e-290"));
    CHECK_EQUAL(read("0." + repeated("0", 300) + "12345e310"),
                by_strtod("0." + repeated("0", 300) + "12345e310"));
}

TEST(text_that_is_not_a_number) {
    for (const char* const text :
         {"",      "-",   "+1",  ".5",  "01",        "-01", "00", "1.",  "1.e5",   "1e", "1e+",
          "1.5e-", "nan", "NaN", "inf", "-Infinity", "x",   " 1", "--1", "0123.4", "1.x"}) {
        CHECK_EQUAL(read(text), "none");
    }
}

TEST(number_ends_before_other_text) {
    for (const char* const text :
         {"1.5]", "1.5 ", "12,3", "1.2.3", "1.5x", "12345678,", "1e5,", "1-2", "0x10", "0]"}) {
        std::string number(text);
        number.resize(number.find_first_not_of("0123456789.e") == std::string::npos
                          ? number.rfind('.')
                          : number.find_first_not_of("0123456789.e"));
        CHECK_EQUAL(read(text), by_strtod(number));
    }
}

TEST(any_digits) {
    std::mt19937_64 random(1);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    for (int i = 0; i < 200'000; ++i) {
        std::string text = below(3) == 0 ? "-" : "";
        const std::uint64_t whole = 1 + below(below(4) == 0 ? 25 : 5);
        for (std::uint64_t k = 0; k < whole; ++k) {
            const char digit = static_cast<char>('0' + below(10));
            text += k == 0 && whole > 1 && digit == '0' ? '1' : digit;
        }
        if (below(4) != 0) {
            text += '.';
            for (std::uint64_t k = 1 + below(below(4) == 0 ? 30 : 5); k > 0; --k) {
                text += static_cast<char>('0' + below(10));
            }
        }
        if (below(6) == 0) {
            text += below(2) ? "e" : "E";
            text += below(2) ? "-" : below(2) ? "+" : "";
            text += std::to_string(below(below(2) ? 340 : 30));
        }
        CHECK_EQUAL(read(text), by_strtod(text));
    }
}
