// UTF-8: valid and invalid sequences, whole and in pieces.
#include <algorithm>
#include <string>
#include <vector>

#include "check.hpp"
#include "heatgrid/text/utf8.hpp"

namespace {

using heatgrid::Utf8Check;

bool is_utf8(const std::string& text, std::size_t piece) {
    Utf8Check check;
    for (std::size_t i = 0; i < text.size(); i += piece) {
        if (!check.accept(text.data() + i, std::min(piece, text.size() - i))) return false;
    }
    return check.is_complete();
}

}  // namespace

TEST(utf8_is_told_from_other_text) {
    const std::string ascii(100, 'a');
    const std::vector<std::string> valid{"",
                                         "abc",
                                         "\xC2\x80",
                                         "\xDF\xBF",
                                         "\xE0\xA0\x80",
                                         "\xED\x9F\xBF",
                                         "\xEE\x80\x80",
                                         "\xF0\x90\x80\x80",
                                         "\xF4\x8F\xBF\xBF"};
    const std::vector<std::string> invalid{"\x80",
                                           "\xBF",
                                           "\xC0\x80",
                                           "\xC1\xBF",
                                           "\xC2",
                                           "\xC2\x41",
                                           "\xE0\x9F\xBF",
                                           "\xED\xA0\x80",
                                           "\xED\xBF\xBF",
                                           "\xF0\x8F\xBF\xBF",
                                           "\xF4\x90\x80\x80",
                                           "\xF5\x80\x80\x80",
                                           "\xFF",
                                           "\xE2\x82",
                                           "gr\xF6\xDF"};
    for (const std::size_t piece : {1U, 3U, 7U, 1000U}) {
        for (const std::string& text : valid) {
            CHECK(is_utf8(text, piece));
            CHECK(is_utf8(ascii + text + ascii, piece));
        }
        for (const std::string& text : invalid) {
            CHECK(!is_utf8(text, piece));
            CHECK(!is_utf8(ascii + text, piece));
        }
    }
}
