// JSON scanner: values skipped, values read, and unsupported text.
#include "heatgrid/text/json_scanner.hpp"

#include <algorithm>
#include <cmath>

#include "check.hpp"

using heatgrid::JsonScanner;
using heatgrid::UnsupportedJson;
using namespace heatgrid::check;

namespace {

// Whether the text is exactly one value. The memory ends with the text.
bool skips(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());
    JsonScanner json(exact.data(), exact.data() + exact.size());
    try {
        json.skip();
        json.expect_end();
    } catch (const UnsupportedJson&) {
        return false;
    }
    return true;
}

template <class Read>
std::string found(const std::string& text, const Read& read) {
    const std::vector<char> exact(text.begin(), text.end());
    JsonScanner json(exact.data(), exact.data() + exact.size());
    std::ostringstream stream;
    try {
        stream << read(json);
        json.expect_end();
    } catch (const UnsupportedJson&) {
        return "unsupported";
    }
    return stream.str();
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

}  // namespace

TEST(values_are_skipped) {
    for (const char* const text :
         {"0", "-1.5e3", "\"\"", "\"a \\\" b \\\\\"", "true", "false", "null", "[]", "{}", " [ ] ",
          "[[[1]],2]", "{\"a\":1}", "{\"a\" : [ {\"b\": {}} , \"]\" ] , \"c\":null}\n", "\"\\u00e9\\ud800\"",
          "\"\xff\"", "[{\"a\": [[], {}, {\"b\": \"}\"}]}, [], \"\\n\"]", "\t[\r\n1 ,\n2\t]"}) {
        CHECK(skips(text));
    }
}

TEST(broken_json_is_unsupported) {
    for (const char* const text : {"",
                                   " ",
                                   "[",
                                   "]",
                                   "[1",
                                   "[1,",
                                   "[1,]",
                                   "[,1]",
                                   "[1 2]",
                                   "{",
                                   "{\"a\"",
                                   "{\"a\":",
                                   "{\"a\":1",
                                   "{\"a\":1,}",
                                   "{a:1}",
                                   "{1:2}",
                                   "{\"a\" 1}",
                                   "[}",
                                   "{]",
                                   "[1}",
                                   "{\"a\":1]",
                                   "\"a",
                                   "\"\\",
                                   "\"\\x\"",
                                   "\"\\u12\"",
                                   "\"\\u12g4\"",
                                   "\"\n\"",
                                   "\"\t\"",
                                   "01",
                                   "1.",
                                   ".5",
                                   "+1",
                                   "- 1",
                                   "1 2",
                                   "nul",
                                   "True",
                                   "tru",
                                   "nulll",
                                   "[1]]",
                                   "1,",
                                   "/* */1",
                                   "[1]//",
                                   "\xef\xbb\xbf[1]",
                                   "'a'",
                                   "[\f1]"}) {
        CHECK(!skips(text));
    }
    CHECK(!skips(std::string("[1\0]", 4)));
    CHECK(!skips(std::string("\"\0\"", 3)));
}

TEST(constants_of_python_are_skipped_but_are_not_numbers) {
    const auto read = [](JsonScanner& json) { return json.number(); };
    for (const char* const text : {"NaN", "Infinity", "-Infinity"}) {
        CHECK(skips(text));
        CHECK(skips("[" + std::string(text) + ", 1]"));
        CHECK_EQUAL(found(text, read), "unsupported");
    }
    for (const char* const text : {"nan", "NAN", "Na", "Inf", "-Inf", "-", "+Infinity", "Infinit", "--1"}) {
        CHECK(!skips(text));
    }
}

TEST(skipped_values_are_returned) {
    const auto read = [](JsonScanner& json) { return json.skip(); };
    CHECK_EQUAL(found(" {\"a\": [1]} ", read), "{\"a\": [1]}");
    CHECK_EQUAL(found("12", read), "12");
}

// Reads a text in pieces of seven bytes, through a window of a few.
TEST(values_longer_than_the_window_are_loaded) {
    for (const std::string& value :
         {std::string(300, '7'), "\"" + std::string(300, 'x') + "\"", nested(100), std::string("1")}) {
        const std::string text = "[" + value + "," + value + "]";
        for (const bool is_long : {false, true}) {
            std::size_t done = 0;
            heatgrid::TextWindow window(
                [&](char* to, std::size_t capacity) {
                    const std::size_t count = std::min({capacity, text.size() - done, std::size_t{7}});
                    std::copy_n(text.data() + done, count, to);
                    done += count;
                    return count;
                },
                16, 8);
            JsonScanner json(window);
            std::vector<std::string> values;
            json.list([&] {
                json.refill();
                json.load_value();
                if (is_long) {
                    json.skip_long();
                } else {
                    values.emplace_back(json.skip());
                }
            });
            json.expect_end();
            if (!is_long) CHECK(values == std::vector<std::string>(2, value));
        }
    }
}

TEST(text_after_long_white_space_is_found) {
    for (const char* const end : {"", "x", "1"}) {
        const std::string text = "[1]" + std::string(100, ' ') + end;
        std::size_t done = 0;
        heatgrid::TextWindow window(
            [&](char* to, std::size_t capacity) {
                const std::size_t count = std::min(capacity, text.size() - done);
                std::copy_n(text.data() + done, count, to);
                done += count;
                return count;
            },
            16, 8);
        JsonScanner json(window);
        json.skip();
        bool is_end = true;
        try {
            json.expect_end();
        } catch (const UnsupportedJson&) {
            is_end = false;
        }
        CHECK_EQUAL(is_end, *end == '\0');
    }
}

TEST(nesting_is_limited) {
    CHECK(skips(nested(JsonScanner::max_depth)));
    CHECK(!skips(nested(JsonScanner::max_depth + 1)));
    CHECK(!skips(nested(1'000'000)));
    CHECK(!skips(std::string(1'000'000, '[')));
}

TEST(strings_of_every_length_end_at_their_quote) {
    for (std::size_t length = 0; length < 40; ++length) {
        for (const char filling : {'x', '\x80', '\xff', '!', '\x7f'}) {
            const std::string plain(length, filling);
            const auto read = [](JsonScanner& json) { return json.string(); };
            CHECK_EQUAL(found("\"" + plain + "\"", read), plain);
            for (std::size_t i = 0; i < length; ++i) {
                std::string broken = plain;
                broken[i] = '\x1f';
                CHECK(!skips("\"" + broken + "\""));
                std::string cut = plain;
                cut[i] = '"';
                CHECK(!skips("\"" + cut + "\""));
            }
        }
    }
}

TEST(numbers_in_a_list) {
    const auto read = [](JsonScanner& json) {
        heatgrid::Column<double> values;
        const std::size_t count = json.numbers(values);
        double sum = 0.0;
        for (std::size_t i = 0; i < values.size(); ++i) sum += values[i];
        return std::to_string(count) + ": " + std::to_string(sum);
    };
    CHECK_EQUAL(found("[]", read), "0: 0.000000");
    CHECK_EQUAL(found("[ 1 ]", read), "1: 1.000000");
    CHECK_EQUAL(found("[1,2 , 3.25,\n-4e0 ]", read), "4: 2.250000");
    for (const char* const text : {"[1,]", "[1", "[null]", "[true]", "[\"1\"]", "[[1]]", "[1 2]", "[1,,2]"}) {
        CHECK_EQUAL(found(text, read), "unsupported");
    }
}

TEST(integer_minus_zero_is_zero) {
    const auto read = [](JsonScanner& json) { return std::signbit(json.number()); };
    CHECK_EQUAL(found("-0", read), "0");
    CHECK_EQUAL(found("-0.0", read), "1");
    CHECK_EQUAL(found("-0e0", read), "1");
}

TEST(integers) {
    const auto read = [](JsonScanner& json) { return json.integer(); };
    CHECK_EQUAL(found("0", read), "0");
    CHECK_EQUAL(found(" -17 ", read), "-17");
    CHECK_EQUAL(found("999999999999999999", read), "999999999999999999");
    for (const char* const text : {"1.0", "1e3", "01", "-", "1000000000000000000", "\"1\"", "null"}) {
        CHECK_EQUAL(found(text, read), "unsupported");
    }
}

TEST(keys_with_escapes_are_unsupported) {
    const auto read = [](JsonScanner& json) {
        std::string keys;
        json.object([&](std::string_view key) {
            keys += key;
            json.skip();
        });
        return keys;
    };
    CHECK_EQUAL(found("{\"a\":1,\"b\":{}}", read), "ab");
    CHECK_EQUAL(found("{\"\\u0061\":1}", read), "unsupported");
}
