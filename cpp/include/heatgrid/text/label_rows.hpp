// Label files of rows of numbers between blanks, as YOLO's are, straight to columns.
//
// It knows decimal numbers (see decimal.hpp), spaces, tabs, and line ends of any system. A file with anything
// else, be it one byte, is left to the general reader; so is what cannot be read.
// Cost: opening and reading each file, and a few nanoseconds a number; files are shared by threads, and the
// result does not depend on how many. Throws std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "heatgrid/text/column.hpp"

namespace heatgrid {

// All rows of many files, in order.
struct LabelRows {
    Column<double> values;         // the numbers of all rows
    Column<std::int64_t> lengths;  // how many each row has
    Column<std::int64_t> file;     // the number of each row's file
    Column<std::int64_t> line;     // each row's line in its file, from 1
};

struct LabelFiles {
    LabelRows rows;
    Column<std::int64_t> left;  // the numbers of the files left to the general reader
};

// Adds a file's rows; or returns false and adds none.
[[nodiscard]] bool parse_label_rows(const char* text, std::size_t size, std::int64_t file, LabelRows& rows);

[[nodiscard]] LabelFiles read_label_files(const std::vector<std::string>& paths, std::size_t largest,
                                          std::size_t workers);

}  // namespace heatgrid
