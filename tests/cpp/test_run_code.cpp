// COCO's compressed run lengths: numbers of one to eight characters, differences from the fourth on, and what
// is no code at all.
#include "heatgrid/shapes/run_code.hpp"

#include "check.hpp"

using heatgrid::RunCode;
using namespace heatgrid::check;

namespace {

using Numbers = std::vector<std::int64_t>;

// The numbers with spaces between, and "broken" where the code is.
std::string read(const std::string& code) {
    const std::vector<std::uint8_t> bytes(code.begin(), code.end());
    RunCode runs(bytes.data(), bytes.data() + bytes.size());
    std::int64_t numbers[RunCode::block];
    std::string text;
    while (const std::size_t size = runs.read(numbers)) {
        for (std::size_t i = 0; i < size; ++i) text += std::to_string(numbers[i]) + " ";
    }
    return text + (runs.is_broken() ? "broken" : "");
}

}  // namespace

TEST(one_character) {
    CHECK_EQUAL(read(""), "");
    CHECK_EQUAL(read("0"), "0 ");
    CHECK_EQUAL(read("?"), "15 ");
    CHECK_EQUAL(read("@"), "-16 ");
    CHECK_EQUAL(read("O"), "-1 ");
}

TEST(more_characters_are_higher_bits) {
    CHECK_EQUAL(read("P1"), "32 ");
    CHECK_EQUAL(read("o?"), "511 ");
    CHECK_EQUAL(read("P@"), "-512 ");
    CHECK_EQUAL(read("PP1"), "1024 ");
    CHECK_EQUAL(read("PPPPPP1"), "1073741824 ");
    CHECK_EQUAL(read("oooooo?"), "17179869183 ");
    CHECK_EQUAL(read("ooooooo?"), "549755813887 ");
    CHECK_EQUAL(read("PPPPPPP@"), "-549755813888 ");
}

TEST(from_the_fourth_on_they_are_differences) {
    CHECK_EQUAL(read("123"), "1 2 3 ");
    CHECK_EQUAL(read("1234"), "1 2 3 6 ");
    CHECK_EQUAL(read("123OOOO"), "1 2 3 1 2 0 1 ");
}

TEST(blocks_follow_one_another) {
    std::string code = "111";
    std::string text = "1 1 1 ";
    for (std::size_t i = 3; i < 2 * RunCode::block + 5; ++i) {
        code += "1";
        text += std::to_string(i / 2 + i % 2) + " ";
    }
    CHECK_EQUAL(read(code), text);
}

TEST(broken_codes) {
    for (const char* const code : {"P", "0P", "ooooooo", "PPPPPPPP0", "PPPPPPPPPPPPPPPPPPPPPPPP0", "/", "p",
                                   " ", "0\n", "\xff", "0\x80"}) {
        const std::string text = read(code);
        CHECK_EQUAL(text, "broken");
    }
}

TEST(numbers_that_grow_for_ever_wrap_unharmed) {
    std::string code;
    for (int i = 0; i < 1 << 14; ++i) code += "ooooooo?";
    CHECK_EQUAL(read(code).find("broken"), std::string::npos);
}
