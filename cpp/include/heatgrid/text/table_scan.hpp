#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "heatgrid/text/column.hpp"

namespace heatgrid {

/// Cells of a text table (CSV, RFC 4180), all of whose rows have the same number of them. Refers to the text.
class TableScan {
  public:
    /// Splits lines into cells as Python's csv module does: a cell may be in quotes, and spaces before it are
    /// dropped. Empty lines are passed over. Returns null for a text that is left to a slower reader: one
    /// with a row of another number of cells than `width`, a quoted cell with quotes or line ends in it, a
    /// carriage return within a line, or of 4 gigabytes.
    ///
    /// Cost: about a nanosecond per byte. Throws std::bad_alloc.
    [[nodiscard]] static std::optional<TableScan> of(std::string_view text, char delimiter,
                                                     std::size_t width);

    [[nodiscard]] std::size_t rows() const noexcept { return lines_.size(); }
    [[nodiscard]] std::size_t width() const noexcept { return width_; }
    /// The line of each row, from 0.
    [[nodiscard]] const Column<std::int64_t>& lines() const noexcept { return lines_; }
    [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const noexcept {
        const Span span = cells_[row * width_ + column];
        return text_.substr(span.begin, span.size);
    }

    /// Writes the numbers of a column, NaN for empty cells; returns false if another cell is not a decimal
    /// number in the grammar of read_decimal.
    [[nodiscard]] bool numbers(std::size_t column, double* values) const;

    /// Writes for each row the index of its cell among the different cells, which are returned in the order
    /// of their first row.
    [[nodiscard]] std::vector<std::string_view> encode(std::size_t column, std::int64_t* codes) const;

  private:
    struct Span {
        std::uint32_t begin;
        std::uint32_t size;
    };

    TableScan(std::string_view text, std::size_t width) noexcept : text_(text), width_(width) {}
    [[nodiscard]] bool read(char delimiter);

    std::string_view text_;
    std::size_t width_;
    Column<Span> cells_;
    Column<std::int64_t> lines_;
};

}  // namespace heatgrid
