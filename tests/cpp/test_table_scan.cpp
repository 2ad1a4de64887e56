// Cells of text tables: how lines are split, which texts are left to a slower reader, and columns.
#include "heatgrid/text/table_scan.hpp"

#include <cmath>

#include "check.hpp"

using heatgrid::TableScan;
using namespace heatgrid::check;

namespace {

// "LINE<cell><cell>" for each row, or "left".
std::string scanned(const std::string& text, std::size_t width, char delimiter = ',') {
    const std::vector<char> exact(text.begin(), text.end());  // the memory ends with the text
    const auto scan = TableScan::of({exact.data(), exact.size()}, delimiter, width);
    if (!scan) return "left";
    std::ostringstream all;
    for (std::size_t row = 0; row < scan->rows(); ++row) {
        all << scan->lines()[row];
        for (std::size_t column = 0; column < width; ++column) all << "<" << scan->cell(row, column) << ">";
        all << "\n";
    }
    return all.str();
}

// The numbers of the only column, separated by spaces, or "text".
std::string numbers_of(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());
    const auto scan = TableScan::of({exact.data(), exact.size()}, ',', 1);
    std::vector<double> values(scan->rows());
    if (!scan->numbers(0, values.data())) return "text";
    std::ostringstream all;
    for (const double value : values) all << (std::isnan(value) ? "-" : std::to_string(value)) << " ";
    return all.str();
}

TEST(cells_of_lines) {
    CHECK_EQUAL(scanned("a,b\nc,d\n", 2), "0<a><b>\n1<c><d>\n");
    CHECK_EQUAL(scanned("a,b\r\n\r\nc,d", 2), "0<a><b>\n2<c><d>\n");
    CHECK_EQUAL(scanned("a;b,c;", 3, ';'), "0<a><b,c><>\n");
    CHECK_EQUAL(scanned("  a , b\n", 2), "0<a ><b>\n");
    CHECK_EQUAL(scanned("\"a,b\", \"\"\n", 2), "0<a,b><>\n");
    CHECK_EQUAL(scanned("a\"b,c\n", 2), "0<a\"b><c>\n");
    CHECK_EQUAL(scanned("", 2), "");
    CHECK_EQUAL(scanned("\n\n", 2), "");
}

TEST(texts_left_to_a_slower_reader) {
    for (const char* const text :
         {"a\n", "a,b,c\n", "\"a,b\n", "\"a\"\"b\",c\n", "\"a\"x,b\n", "\"a\nb\",c\n", "a,b\rc,d\n", "a,b\r"})
        CHECK_EQUAL(scanned(text, 2), "left");
}

TEST(numbers_of_a_column) {
    CHECK_EQUAL(numbers_of("1\n -2.5 \n\"3e1\"\n"), "1.000000 -2.500000 30.000000 ");
    CHECK_EQUAL(numbers_of("1\n\"\"\n \n"), "1.000000 - - ");
    for (const char* const text : {"1\nx\n", "1 2\n", "+1\n", ".5\n", "007\n", "nan\n", "0x1\n", "1;5\n"})
        CHECK_EQUAL(numbers_of(text), "text");
}

TEST(different_cells_by_first_appearance) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "name " + std::to_string(i * i % 251) + "\n";
    const auto scan = TableScan::of(text, ',', 1);
    std::vector<std::int64_t> codes(scan->rows());
    const auto values = scan->encode(0, codes.data());
    std::int64_t known = 0;
    for (std::size_t row = 0; row < codes.size(); ++row) {
        CHECK_EQUAL(std::string(values[static_cast<std::size_t>(codes[row])]),
                    std::string(scan->cell(row, 0)));
        CHECK(codes[row] <= known);
        if (codes[row] == known) ++known;
    }
    CHECK_EQUAL(values.size(), static_cast<std::size_t>(126));  // squares modulo the prime 251
}

}  // namespace
