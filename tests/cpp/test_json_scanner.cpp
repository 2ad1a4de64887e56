// JSON: what is skipped and read, and everything that is given up.
#include "heatgrid/text/json_scanner.hpp"

#include <cmath>

#include "check.hpp"

using heatgrid::JsonScanner;
using heatgrid::Unfamiliar;
using namespace heatgrid::check;

namespace {

// Whether one value, and nothing after it, is skipped. The text has nothing readable behind its end.
bool skips(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());
    JsonScanner json(exact.data(), exact.data() + exact.size());
    try {
        json.skip();
        json.finish();
    } catch (const Unfamiliar&) {
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
        json.finish();
    } catch (const Unfamiliar&) {
        return "unfamiliar";
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

TEST(what_json_refuses_is_given_up) {
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

TEST(what_only_python_takes_is_given_up) {
    for (const char* const text : {"NaN", "Infinity", "-Infinity", "[NaN]"}) CHECK(!skips(text));
}

TEST(nesting_has_an_end) {
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
        CHECK_EQUAL(found(text, read), "unfamiliar");
    }
}

TEST(a_whole_minus_nothing_is_nothing) {
    const auto read = [](JsonScanner& json) { return std::signbit(json.number()); };
    CHECK_EQUAL(found("-0", read), "0");
    CHECK_EQUAL(found("-0.0", read), "1");
    CHECK_EQUAL(found("-0e0", read), "1");
}

TEST(whole_numbers) {
    const auto read = [](JsonScanner& json) { return json.whole(); };
    CHECK_EQUAL(found("0", read), "0");
    CHECK_EQUAL(found(" -17 ", read), "-17");
    CHECK_EQUAL(found("999999999999999999", read), "999999999999999999");
    for (const char* const text : {"1.0", "1e3", "01", "-", "1000000000000000000", "\"1\"", "null"}) {
        CHECK_EQUAL(found(text, read), "unfamiliar");
    }
}

TEST(keys_with_escapes_are_given_up) {
    const auto read = [](JsonScanner& json) {
        std::string keys;
        json.object([&](std::string_view key) {
            keys += key;
            json.skip();
        });
        return keys;
    };
    CHECK_EQUAL(found("{\"a\":1,\"b\":{}}", read), "ab");
    CHECK_EQUAL(found("{\"\\u0061\":1}", read), "unfamiliar");
}
