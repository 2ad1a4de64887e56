#include "heatgrid/overlay.hpp"

#include <algorithm>
#include <vector>

#include "overlay_avx2.hpp"

namespace heatgrid {
namespace {

std::size_t level_of(double value, const Levels& levels) noexcept {
    if (!(value > 0.0)) return 0;
    const double raw = value * levels.scale + levels.offset;
    return static_cast<std::size_t>(std::min(std::max(raw, 1.0), 256.0));
}

std::uint8_t blend(unsigned below, unsigned factor, unsigned color) noexcept {
    const unsigned sum = below * factor + color;
    const unsigned is_tie = (sum & 255U) == 0 ? 1 : 0;
    return static_cast<std::uint8_t>((sum >> 8) & ~is_tie);
}

// Draws pixels begin .. count - 1 of a row.
void draw_pixels(const RowValues& values, std::size_t begin, std::size_t count, const Levels& levels,
                 const Palette& palette, const std::uint8_t* source, std::uint8_t* target) noexcept {
    for (std::size_t i = begin; i < count; ++i) {
        const std::uint16_t* const entry = palette.entries[level_of(values.at(i), levels)];
        for (std::size_t k = 0; k < 3; ++k) {
            target[3 * i + k] = blend(source[3 * i + k], entry[3], entry[k]);
        }
    }
}

// Where a pixel's centre lies between the centres of cells.
struct Between {
    std::int32_t low;
    std::int32_t high;
    double share;  // how near it is to the second
};

Between between(std::int32_t pixel, std::int32_t pixels, std::int32_t cells) noexcept {
    const double place =
        (static_cast<double>(pixel) + 0.5) * static_cast<double>(cells) / static_cast<double>(pixels) - 0.5;
    const double inside = std::min(std::max(place, 0.0), static_cast<double>(cells - 1));
    const auto low = static_cast<std::int32_t>(inside);
    return {low, std::min(low + 1, cells - 1), inside - static_cast<double>(low)};
}

// Rows of a grid at the frame's width. A row of cells is stretched once, however many rows of pixels need it.
class Stretch {
  public:
    Stretch(const double* heat, Grid grid, Grid pixels) : heat_(heat), grid_(grid), pixels_(pixels) {
        if (is_needed()) {
            for (std::int32_t x = 0; x < pixels.columns; ++x) {
                places_.push_back(between(x, pixels.columns, grid.columns));
            }
            for (std::vector<double>* row : {&low_, &high_}) row->resize(places_.size());
        }
    }

    [[nodiscard]] RowValues row(std::int32_t y) noexcept {
        if (!is_needed()) return {cells(y)};
        const Between place = between(y, pixels_.rows, grid_.rows);
        if (place.low != low_row_) {
            if (place.low == high_row_) {
                low_.swap(high_);
                high_row_ = -1;
            } else {
                stretch(place.low, low_);
            }
            low_row_ = place.low;
        }
        if (place.high != high_row_) {
            stretch(place.high, high_);
            high_row_ = place.high;
        }
        return {low_.data(), high_.data(), place.share};
    }

  private:
    [[nodiscard]] bool is_needed() const noexcept {
        return grid_.rows != pixels_.rows || grid_.columns != pixels_.columns;
    }
    [[nodiscard]] const double* cells(std::int32_t row) const noexcept {
        return heat_ + static_cast<std::size_t>(row) * static_cast<std::size_t>(grid_.columns);
    }
    void stretch(std::int32_t row, std::vector<double>& target) const noexcept {
        const double* const from = cells(row);
        for (std::size_t x = 0; x < target.size(); ++x) {
            const Between& place = places_[x];
            target[x] = from[place.low] + (from[place.high] - from[place.low]) * place.share;
        }
    }

    const double* heat_;
    Grid grid_;
    Grid pixels_;
    std::vector<Between> places_;
    std::vector<double> low_;
    std::vector<double> high_;
    std::int32_t low_row_ = -1;
    std::int32_t high_row_ = -1;
};

}  // namespace

Palette make_palette(const std::uint8_t* colors, const std::uint16_t* opacities) noexcept {
    Palette palette;
    for (std::size_t level = 0; level < Palette::levels; ++level) {
        const unsigned opacity = opacities[level];
        for (std::size_t k = 0; k < 3; ++k) {
            palette.entries[level][k] = static_cast<std::uint16_t>(colors[3 * level + k] * opacity + 128);
        }
        palette.entries[level][3] = static_cast<std::uint16_t>(256 - opacity);
    }
    return palette;
}

void draw_overlay(const double* heat, Grid grid, const Levels& levels, const Palette& palette,
                  const Frame& frame) {
    Stretch stretch(heat, grid, frame.pixels);
    const bool is_wide = has_avx2();
    const auto count = static_cast<std::size_t>(frame.pixels.columns);
    for (std::int32_t y = 0; y < frame.pixels.rows; ++y) {
        const RowValues values = stretch.row(y);
        const std::uint8_t* const source = frame.source + y * frame.source_stride;
        std::uint8_t* const target = frame.target + y * frame.target_stride;
        const std::size_t done =
            is_wide ? draw_pixels_avx2(values, count, levels, palette, source, target) : 0;
        draw_pixels(values, done, count, levels, palette, source, target);
    }
}

}  // namespace heatgrid
