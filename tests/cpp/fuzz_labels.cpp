// libFuzzer: reads any bytes as a label file. Its rows must equal those of splitting at line ends and blanks.
#include <cstdlib>
#include <iostream>

#include "heatgrid/text/label_rows.hpp"

namespace {

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> exact(data, data + size);  // the memory ends with the text
    heatgrid::LabelRows rows;
    if (!heatgrid::parse_label_rows(exact.data(), exact.size(), 3, rows)) {
        require(rows.values.size() + rows.lengths.size() + rows.file.size() + rows.line.size() == 0,
                "a file that is left has no rows");
        return 0;
    }
    std::string text(exact.begin(), exact.end());
    require(text.find_first_not_of("0123456789+-.eE \t\r\n") == std::string::npos, "only numbers are read");
    for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos;) text.erase(at, 1);
    std::size_t value = 0;
    std::size_t row = 0;
    std::int64_t line = 1;
    std::int64_t length = 0;
    const auto end_row = [&] {
        if (length == 0) return;
        require(row < rows.lengths.size() && rows.lengths[row] == length && rows.line[row] == line &&
                    rows.file[row] == 3,
                "a row has the numbers of its line");
        ++row;
        length = 0;
    };
    for (const char* next = text.c_str(); *next != '\0';) {
        if (*next == '\n' || *next == '\r') {
            end_row();
            ++line;
            ++next;
        } else if (*next == ' ' || *next == '\t') {
            ++next;
        } else {
            char* after = nullptr;
            const double number = std::strtod(next, &after);
            require(after != next && value < rows.values.size() && rows.values[value] == number,
                    "every number is read");
            next = after;
            ++value;
            ++length;
        }
    }
    end_row();
    require(value == rows.values.size() && row == rows.lengths.size(), "nothing else is read");
    return 0;
}
