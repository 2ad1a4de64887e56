// Label files: rows and lines of one text, unsupported text, and many files with any number of threads.
#include "heatgrid/text/label_rows.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include "check.hpp"

using heatgrid::LabelFiles;
using heatgrid::LabelRows;
using namespace heatgrid::check;

namespace {

// "FILE:LINE numbers;" for each row.
std::string written(const LabelRows& rows) {
    std::ostringstream text;
    text.precision(17);
    std::size_t next = 0;
    for (std::size_t i = 0; i < rows.lengths.size(); ++i) {
        text << rows.file[i] << ":" << rows.line[i];
        for (std::int64_t k = 0; k < rows.lengths[i]; ++k) text << " " << rows.values[next++];
        text << ";";
    }
    CHECK_EQUAL(next, rows.values.size());
    return text.str();
}

std::string parsed(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());  // the memory ends with the text
    LabelRows rows;
    if (!heatgrid::parse_label_rows("9 9\n", 4, 8, rows)) return "unreadable";
    if (!heatgrid::parse_label_rows(exact.data(), exact.size(), 7, rows)) {
        CHECK_EQUAL(written(rows), "8:1 9 9;");
        return "left";
    }
    return written(rows).substr(std::string("8:1 9 9;").size());
}

}  // namespace

TEST(rows_and_their_lines) {
    CHECK_EQUAL(parsed(""), "");
    CHECK_EQUAL(parsed("\n \n"), "");
    CHECK_EQUAL(parsed("0 0.5"), "7:1 0 0.5;");
    CHECK_EQUAL(parsed("0 0.5\n"), "7:1 0 0.5;");
    CHECK_EQUAL(parsed("\n\t1  2\t3 \n\n4\n"), "7:2 1 2 3;7:4 4;");
    CHECK_EQUAL(parsed("1\r\n2\r3\n\r4"), "7:1 1;7:2 2;7:3 3;7:5 4;");
    CHECK_EQUAL(parsed("1\r"), "7:1 1;");
}

TEST(long_rows_have_the_numbers_of_strtod) {
    std::mt19937 random(3);
    for (int i = 0; i < 2000; ++i) {
        const std::string between = i % 5 == 0 ? "  " : i % 5 == 1 ? "\t" : " ";
        const std::string ends[] = {"\n", "\r\n", " \n", "\r"};
        std::string text;
        std::string expected;
        for (int line = 1; line <= 3; ++line) {
            expected += "7:" + std::to_string(line);
            for (auto count = 1 + random() % 60; count > 0; --count) {
                std::string number = std::to_string(random() % 3);
                const auto places = random() % (i % 3 == 0 ? 11 : 7);
                if (places > 0) number += "." + std::to_string(random()).substr(0, places);
                if (random() % 40 == 0) number = "-" + number;
                text += number + (count == 1 ? ends[i % 4] : between);
                std::ostringstream shown;
                shown.precision(17);
                shown << " " << std::strtod(number.c_str(), nullptr);
                expected += shown.str();
            }
            expected += ";";
        }
        CHECK_EQUAL(parsed(text), expected);
    }
}

TEST(anything_else_leaves_the_file) {
    for (const char* const text :
         {"x", "1 2\nx", "1,2", "1 2 # c", "nan", "+1", ".5", "1.", "01", "1_0", "1\f2", "1\v2",
          "\xef\xbb\xbf"
          "1",
          "1\xa0", "1e", "0x1", "--1"}) {
        CHECK_EQUAL(parsed(text), "left");
    }
    CHECK_EQUAL(parsed(std::string("1 2\0", 4)), "left");
    for (const char* const text : {"1,2", "1]", "01", ".5", "1.", "1.2.3", "x"}) {
        for (std::string numbers; numbers.size() < 300; numbers += "0.25 ") {
            CHECK_EQUAL(parsed(numbers + text + " 0.5" + numbers + "\n"), "left");
        }
    }
}

TEST(files_are_read_in_order_by_any_number_of_threads) {
    const std::string path = "test_label_rows.txt";
    std::ofstream(path, std::ios::binary) << "1 0.25\n";
    std::ofstream(path + ".odd", std::ios::binary) << "1 nan\n";
    std::vector<heatgrid::LabelFile> paths;
    std::string expected;
    std::string left;
    for (int i = 0; i < 50; ++i) {
        paths.emplace_back(i % 7 == 3   ? "no such file"
                           : i % 7 == 4 ? path + ".odd"
                           : i % 7 == 5 ? "."
                                        : path);
        if (i % 7 >= 3 && i % 7 <= 5) {
            left += std::to_string(i) + " ";
        } else {
            expected += std::to_string(i) + ":1 1 0.25;";
        }
    }
    paths.emplace_back(std::string("test_label_rows.txt\0x", 21));
    left += "50 ";
    for (const std::size_t workers : {1, 2, 3, 200}) {
        const LabelFiles files = heatgrid::read_label_files(paths, 100, workers);
        CHECK_EQUAL(written(files.rows), expected);
        std::string found;
        for (std::size_t i = 0; i < files.left.size(); ++i) found += std::to_string(files.left[i]) + " ";
        CHECK_EQUAL(found, left);
    }
    CHECK_EQUAL(heatgrid::read_label_files({path}, 7, 1).left.size(), 0U);
    CHECK_EQUAL(heatgrid::read_label_files({path}, 6, 1).left.size(), 1U);
    const LabelFiles contents =
        heatgrid::read_label_files({std::string_view("2 0.5\n"), std::string_view("x")}, 0, 2);
    CHECK_EQUAL(written(contents.rows), "0:1 2 0.5;");
    CHECK_EQUAL(contents.left[0], 1);
    CHECK_EQUAL(heatgrid::read_label_files({}, 6, 4).left.size(), 0U);
    std::remove(path.c_str());
    std::remove((path + ".odd").c_str());
}
