// Masks as pictures, in every form that the kernel reads, and the cells that each form hits.
//
// `expected` is the definition word for word: decoded to single pixels, sampled cell by cell, overlaps in
// whole numbers. It is slow, and shares nothing with the kernel but its results.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "heatgrid/shapes/mask.hpp"

namespace heatgrid::check {

/// One byte per pixel, row by row; 0 is clear.
struct Pixels {
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<std::uint8_t> bytes = {};

    [[nodiscard]] bool is_set(std::int64_t row, std::int64_t column) const {
        return bytes[static_cast<std::size_t>(row * width + column)] != 0;
    }
};

/// A full stop is clear, all else is set.
Pixels pixels_of(const std::string& text);

enum class Texture { noise, blobs, stripes, full, dots };
Pixels drawn(std::mt19937& random, std::int64_t height, std::int64_t width, Texture texture);

using RunLengths = std::vector<std::int64_t>;

RunLengths runs_of(const Pixels& pixels, PixelOrder order);
/// COCO's string.
std::string compressed(const RunLengths& runs);

/// Back again; none when the runs do not sum to the size, or the string is broken.
std::optional<Pixels> decoded(std::int64_t height, std::int64_t width, const RunLengths& runs,
                              PixelOrder order);
std::optional<RunLengths> decompressed(const std::string& code);

/// What one mask hits: the share of each cell, 1 where it is hit but for Rule::area.
struct Hits {
    Outcome outcome = Outcome::broken_mask;
    Grid grid;
    std::vector<double> shares = {};
    bool is_disjoint = true;  // whether no cell was found twice

    /// 1 for a cell that is hit, a full stop for others; under Rule::area the share in tenths, + for the
    /// whole.
    [[nodiscard]] Picture picture() const;
    [[nodiscard]] double sum() const;

    friend bool operator==(const Hits& a, const Hits& b) {
        return a.outcome == b.outcome && a.shares == b.shares && a.is_disjoint == b.is_disjoint;
    }
};

Hits expected(Grid grid, const Pixels& pixels, Rule rule);

/// Of the first of the masks.
Hits scan(Grid grid, const Masks& masks, Rule rule);
Hits scan(Grid grid, const Pixels& pixels, Rule rule);
Hits scan_runs(Grid grid, std::int64_t height, std::int64_t width, const RunLengths& runs, Rule rule,
               PixelOrder order = PixelOrder::column_major);
Hits scan_code(Grid grid, std::int64_t height, std::int64_t width, const std::string& code, Rule rule,
               PixelOrder order = PixelOrder::column_major);

/// The hits in each form: runs, codes and bitmaps, by rows, by columns, and with gaps between pixels.
struct Form {
    std::string name;
    Hits hits;
};
std::vector<Form> scan_forms(Grid grid, const Pixels& pixels, Rule rule);

}  // namespace heatgrid::check
