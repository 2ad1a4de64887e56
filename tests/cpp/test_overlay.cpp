// Overlay: equal to its definition, computed pixel by pixel.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "check.hpp"
#include "heatgrid/live/overlay.hpp"

using heatgrid::Frame;
using heatgrid::Grid;
using heatgrid::Levels;
using heatgrid::Palette;

namespace {

// Pseudorandom numbers, the same in every run.
class Sequence {
  public:
    std::uint32_t next(std::uint32_t below) noexcept {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::uint32_t>(state_ >> 33) % below;
    }

  private:
    std::uint64_t state_ = 1;
};

struct Scene {
    Grid grid;
    Grid pixels;
    std::vector<double> heat;
    std::vector<std::uint8_t> frame;
    std::vector<std::uint8_t> colors;
    std::vector<std::uint16_t> opacities;

    Scene(Grid cells, Grid size, bool zero_is_clear, bool is_sparse) : grid(cells), pixels(size) {
        Sequence sequence;
        for (std::size_t i = 0; i < grid.cells(); ++i) {
            const bool is_zero = is_sparse ? i % 64 >= 9 : i % 3 == 0;
            heat.push_back(is_zero ? 0.0 : sequence.next(1000) / 250.0);
        }
        for (std::size_t i = 0; i < 3 * pixels.cells(); ++i) {
            frame.push_back(static_cast<std::uint8_t>(sequence.next(256)));
        }
        for (std::size_t i = 0; i < 3 * Palette::levels; ++i) {
            colors.push_back(static_cast<std::uint8_t>(sequence.next(256)));
        }
        for (std::size_t i = 0; i < Palette::levels; ++i) {
            opacities.push_back(static_cast<std::uint16_t>(i % 7 == 0 ? 128 : sequence.next(257)));
        }
        if (zero_is_clear) opacities[0] = 0;
    }

    [[nodiscard]] std::size_t level(std::int32_t y, std::int32_t x, const Levels& levels) const {
        const auto place = [](std::int32_t pixel, std::int32_t count, std::int32_t cells) {
            return std::min(std::max((pixel + 0.5) * cells / count - 0.5, 0.0), cells - 1.0);
        };
        const double v = place(y, pixels.rows, grid.rows);
        const double u = place(x, pixels.columns, grid.columns);
        const auto across = static_cast<float>(u - std::floor(u));
        const auto down = static_cast<float>(v - std::floor(v));
        const auto along = [&](double row) {
            const auto left = static_cast<float>(cell(row, std::floor(u)) * levels.scale);
            const auto right = static_cast<float>(cell(row, std::floor(u) + 1) * levels.scale);
            return left + (right - left) * across;
        };
        const float low = along(std::floor(v));
        const float mixed = low + (along(std::floor(v) + 1) - low) * down;
        const float raw = mixed + static_cast<float>(levels.offset);
        return mixed > 0 ? static_cast<std::size_t>(std::min(std::max(raw, 1.0F), 256.0F)) : 0;
    }

    [[nodiscard]] double cell(double r, double c) const {
        const auto row = static_cast<std::size_t>(std::min(r, grid.rows - 1.0));
        const auto column = static_cast<std::size_t>(std::min(c, grid.columns - 1.0));
        return heat[row * static_cast<std::size_t>(grid.columns) + column];
    }

    [[nodiscard]] std::vector<std::uint8_t> expected(const Levels& levels) const {
        std::vector<std::uint8_t> drawn;
        for (std::int32_t y = 0; y < pixels.rows; ++y) {
            for (std::int32_t x = 0; x < pixels.columns; ++x) {
                const std::size_t found = level(y, x, levels);
                for (std::size_t k = 0; k < 3; ++k) {
                    const double below = frame[drawn.size()];
                    const double share = opacities[found] / 256.0;
                    const double mixed = below * (1 - share) + colors[3 * found + k] * share;
                    drawn.push_back(static_cast<std::uint8_t>(std::nearbyint(mixed)));  // half to even
                }
            }
        }
        return drawn;
    }

    [[nodiscard]] std::vector<std::uint8_t> drawn(const Levels& levels, bool in_place) const {
        const Palette palette = heatgrid::make_palette(colors.data(), opacities.data());
        std::vector<std::uint8_t> target = in_place ? frame : std::vector<std::uint8_t>(frame.size(), 77);
        const auto stride = static_cast<std::ptrdiff_t>(3 * pixels.columns);
        draw_overlay(heat.data(), grid, levels, palette,
                     Frame{in_place ? target.data() : frame.data(), stride, target.data(), stride, pixels});
        return target;
    }
};

void check(Grid grid, Grid pixels) {
    for (const bool zero_is_clear : {false, true}) {
        for (const bool is_sparse : {false, true}) {
            const Scene scene(grid, pixels, zero_is_clear, is_sparse);
            for (const Levels& levels : {Levels{63.75, 1.5}, Levels{200.0, -90.0}, Levels{0.0, 1.5}}) {
                const auto expected = scene.expected(levels);
                CHECK(scene.drawn(levels, true) == expected);
                CHECK(scene.drawn(levels, false) == expected);
            }
        }
    }
}

}  // namespace

TEST(one_cell_per_pixel) {
    for (std::int32_t width = 1; width < 40; ++width) check({3, width}, {3, width});
    check({5, 333}, {5, 333});
}

TEST(cells_are_stretched_to_the_frame) {
    check({3, 5}, {9, 40});
    check({7, 9}, {11, 61});
    check({1, 1}, {4, 35});
    check({4, 3}, {4, 33});
    check({6, 70}, {3, 35});
}

TEST(heat_far_above_the_scale_has_the_last_color) {
    for (const double scale : {1e30, 1e300}) {
        Scene scene({2, 3}, {6, 61}, true, false);
        scene.heat.assign(6, 1e10);
        Scene usual = scene;
        usual.heat.assign(6, 300.0);
        CHECK(scene.drawn({scale, 1.5}, false) == usual.drawn({1.0, 1.5}, false));
    }
}

TEST(nothing_is_written_beyond_a_row) {
    const Scene scene({2, 12}, {2, 12}, false, false);
    const Palette palette = heatgrid::make_palette(scene.colors.data(), scene.opacities.data());
    std::vector<std::uint8_t> target(2 * 48, 200);
    draw_overlay(scene.heat.data(), scene.grid, {60.0, 1.5}, palette,
                 Frame{scene.frame.data(), 36, target.data(), 48, scene.pixels});
    for (std::size_t i = 0; i < target.size(); ++i) CHECK(i % 48 < 36 || target[i] == 200);
}

TEST(opacity_1_gives_the_color_and_opacity_0_the_frame) {
    std::vector<std::uint8_t> colors(3 * Palette::levels, 0);
    std::vector<std::uint16_t> opacities(Palette::levels, 0);
    for (std::size_t i = 0; i < 3 * Palette::levels; ++i) colors[i] = static_cast<std::uint8_t>(i % 256);
    opacities[256] = 256;
    const Palette palette = heatgrid::make_palette(colors.data(), opacities.data());
    for (int below = 0; below < 256; ++below) {
        const auto byte = static_cast<std::uint8_t>(below);
        std::vector<std::uint8_t> frame{byte, byte, byte, byte, byte, byte};
        const std::vector<double> heat{1.0, 1000.0};
        draw_overlay(heat.data(), {1, 2}, {1.0, 1.5}, palette,
                     Frame{frame.data(), 6, frame.data(), 6, {1, 2}});
        CHECK(frame == (std::vector<std::uint8_t>{byte, byte, byte, colors[768], colors[769], colors[770]}));
    }
}
