#include "heatgrid/live/overlay.hpp"

#include <algorithm>
#include <vector>

#include "overlay_avx2.hpp"

namespace heatgrid {
namespace {

std::uint8_t blend(unsigned below, unsigned factor, unsigned color) noexcept {
    const unsigned sum = below * factor + color;
    const unsigned is_tie = (sum & 255U) == 0 ? 1 : 0;
    return static_cast<std::uint8_t>((sum >> 8) & ~is_tie);
}

Level level_of(float value, float offset) noexcept {
    const float level = std::min(std::max(value + offset, 1.0F), 256.0F);
    return value > 0.0F ? static_cast<Level>(level) : Level{0};
}

// First the levels of the whole row, then its pixels: in one loop every pixel would wait for its level.
class RowPainter {
  public:
    RowPainter(const Palette& palette, std::int32_t columns)
        : palette_(palette), levels_(static_cast<std::size_t>(columns)) {}

    template <class Row>
    void find_levels(const Row& row) noexcept {
        const std::size_t count = levels_.size();
        std::size_t i = 0;
        if constexpr (compiled_for_avx2) {
            if (has_avx2()) i = find_levels_avx2(row, count, levels_.data());
        }
        for (; i < count; ++i) levels_[i] = level_of(row.value(i), row.offset);
    }

    void draw(const std::uint8_t* source, std::uint8_t* target) noexcept {
        const std::size_t count = levels_.size();
        std::size_t i = 0;
        if constexpr (compiled_for_avx2) {
            if (has_avx2()) i = draw_pixels_avx2(levels_.data(), count, palette_, source, target);
        }
        for (; i < count; ++i) {
            const std::uint16_t* const entry = palette_.entries[levels_[i]];
            for (std::size_t k = 0; k < 3; ++k) {
                target[3 * i + k] = blend(source[3 * i + k], entry[3], entry[k]);
            }
        }
    }

  private:
    const Palette& palette_;
    std::vector<Level> levels_;
};

// Position of a pixel's center between the centers of cells.
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

// Rows of a grid, resampled to the frame's width. A row of cells is resampled once, however many rows of
// pixels need it.
class BilinearRows {
  public:
    BilinearRows(const double* heat, Grid grid, Grid pixels, const Levels& levels)
        : heat_(heat),
          grid_(grid),
          pixels_(pixels),
          levels_(levels),
          places_(static_cast<std::size_t>(pixels.columns)),
          shares_(places_.size()),
          cells_(static_cast<std::size_t>(grid.columns) + 1 + stretch_spare),
          low_(places_.size()),
          high_(places_.size()) {
        for (std::size_t x = 0; x < places_.size(); ++x) {
            const Between place = between(static_cast<std::int32_t>(x), pixels.columns, grid.columns);
            places_[x] = place.low;
            shares_[x] = static_cast<float>(place.share);
        }
    }

    /// A row of cells, without resampling.
    [[nodiscard]] CellRow cells(std::int32_t y) const noexcept {
        return {heat_ + std::ptrdiff_t{y} * grid_.columns, levels_.scale, static_cast<float>(levels_.offset)};
    }

    [[nodiscard]] StretchedRow row(std::int32_t y) noexcept {
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
        return {low_.data(), high_.data(), static_cast<float>(place.share),
                static_cast<float>(levels_.offset)};
    }

  private:
    void stretch(std::int32_t row, std::vector<float>& target) noexcept {
        const auto columns = static_cast<std::size_t>(grid_.columns);
        const CellRow from = cells(row);
        std::size_t c = 0;
        if constexpr (compiled_for_avx2) {
            if (has_avx2()) c = find_values_avx2(from, columns, cells_.data());
        }
        for (; c < columns; ++c) cells_[c] = from.value(c);
        cells_[columns] = cells_[columns - 1];  // extends the last cell to the right
        std::size_t x = 0;
        if constexpr (compiled_for_avx2) {
            if (has_avx2()) {
                x = stretch_avx2(cells_.data(), places_.data(), shares_.data(), target.size(), target.data());
            }
        }
        for (; x < target.size(); ++x) {
            const float* const cell = cells_.data() + places_[x];
            target[x] = cell[0] + (cell[1] - cell[0]) * shares_[x];
        }
    }

    const double* heat_;
    Grid grid_;
    Grid pixels_;
    Levels levels_;
    std::vector<std::int32_t> places_;
    std::vector<float> shares_;
    std::vector<float> cells_;
    std::vector<float> low_;
    std::vector<float> high_;
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
    RowPainter painter(palette, frame.pixels.columns);
    BilinearRows stretch(heat, grid, frame.pixels, levels);
    const bool has_cell_per_pixel = grid.rows == frame.pixels.rows && grid.columns == frame.pixels.columns;
    for (std::int32_t y = 0; y < frame.pixels.rows; ++y) {
        if (has_cell_per_pixel) {
            painter.find_levels(stretch.cells(y));
        } else {
            painter.find_levels(stretch.row(y));
        }
        painter.draw(frame.source + y * frame.source_stride, frame.target + y * frame.target_stride);
    }
}

void lay_stencil(const Stencil& stencil, std::uint8_t* frame, std::ptrdiff_t stride) noexcept {
    for (std::size_t i = 0; i < stencil.count; ++i) {
        const std::ptrdiff_t row = stencil.places[2 * i];
        const std::ptrdiff_t column = stencil.places[2 * i + 1];
        std::uint8_t* const pixel = frame + row * stride + 3 * column;
        const unsigned rest = stencil.rest[i];
        for (std::size_t k = 0; k < 3; ++k) {
            pixel[k] = static_cast<std::uint8_t>((pixel[k] * rest + stencil.ink[3 * i + k]) >> 8);
        }
    }
}

}  // namespace heatgrid
