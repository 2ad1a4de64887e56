// libFuzzer: reads any bytes as a decimal number. Only numbers of JSON are read, and equal those of strtod.
#include <cstdlib>
#include <iostream>
#include <regex>
#include <string>
#include <vector>

#include "heatgrid/text/decimal.hpp"

namespace {

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 1000) return 0;
    static const std::regex grammar(
        "^-?(0|[1-9][0-9]*)(?![0-9])(\\.[0-9]+(?![0-9])|(?!\\.))([eE][+-]?[0-9]+(?![0-9])|(?![eE]))",
        std::regex::optimize);
    const std::string text(reinterpret_cast<const char*>(data), size);
    std::smatch match;
    const bool is_number = std::regex_search(text, match, grammar, std::regex_constants::match_continuous);
    double value = 0.0;
    const std::vector<char> exact(text.begin(), text.end());  // the memory ends with the text
    const char* const after = heatgrid::read_decimal(exact.data(), exact.data() + exact.size(), value);
    require((after != nullptr) == is_number, "exactly the numbers of JSON are read");
    if (!is_number) return 0;
    require(after - exact.data() == match.length(), "the whole number is read");
    const double expected = std::strtod(match.str().c_str(), nullptr);
    require(std::memcmp(&value, &expected, sizeof value) == 0, "the nearest double is found");
    return 0;
}
