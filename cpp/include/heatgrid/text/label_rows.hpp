#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "heatgrid/text/column.hpp"

namespace heatgrid {

/// Rows of many files, in order.
struct LabelRows {
    Column<double> values;         ///< numbers of all rows
    Column<std::int64_t> lengths;  ///< numbers per row
    Column<std::int64_t> file;     ///< index of each row's file
    Column<std::int64_t> line;     ///< each row's line in its file, from 1
};

struct LabelFiles {
    LabelRows rows;
    Column<std::int64_t> left;  ///< indices of files that a slower reader must read
};

/// Appends the rows of a file; or returns false and appends none.
///
/// Supports decimal numbers (see decimal.hpp), spaces, tabs, and line ends of any system.
[[nodiscard]] bool parse_label_rows(const char* text, std::size_t size, std::int64_t file, LabelRows& rows);

/// A label file: its path, or its content.
using LabelFile = std::variant<std::string, std::string_view>;

/// Reads label files, as those of YOLO. Files that parse_label_rows does not support, and those that are not
/// regular, have more than `max_bytes` bytes or cannot be read, are left. Paths are in the system's encoding,
/// on Windows in UTF-8.
///
/// Cost: opening and reading the files, and a few nanoseconds per number. Workers share the files; the
/// result does not depend on their number. Throws std::bad_alloc.
[[nodiscard]] LabelFiles read_label_files(const std::vector<LabelFile>& sources, std::size_t max_bytes,
                                          std::size_t workers);

}  // namespace heatgrid
