// Pixels against cells: the pixel at a center as the double product has it, edges in whole numbers.
#include "heatgrid/shapes/pixels.hpp"

#include <cmath>
#include <random>

#include "check.hpp"

using heatgrid::Axis;
using heatgrid::max_pixels_per_axis;
using heatgrid::PixelAxis;

namespace {

std::int64_t sampled(std::int32_t cell, std::int32_t cells, std::int64_t pixels) {
    const double center = (static_cast<double>(cell) + 0.5) / static_cast<double>(cells);
    return static_cast<std::int64_t>(std::floor(center * static_cast<double>(pixels)));
}

}  // namespace

TEST(every_pixel_and_cell_of_small_axes) {
    for (std::int32_t cells = 1; cells < 48; ++cells) {
        PixelAxis axis{Axis(cells)};
        for (std::int64_t pixels = 1; pixels < 80; ++pixels) {
            axis.set_pixels(pixels);
            for (std::int32_t cell = 0; cell < cells; ++cell) {
                CHECK_EQUAL(axis.pixel_at_center(cell), sampled(cell, cells, pixels));
            }
            CHECK_EQUAL(axis.pixel_at_center(cells), pixels);
            for (std::int64_t pixel = 0; pixel <= pixels; ++pixel) {
                std::int32_t before = 0;
                while (before < cells && sampled(before, cells, pixels) < pixel) ++before;
                CHECK_EQUAL(axis.centers_before(pixel), before);
                const PixelAxis::Edge edge = axis.edge(pixel);
                CHECK_EQUAL(edge.cell, pixel * cells / pixels);
                CHECK_EQUAL(edge.past, pixel * cells % pixels);
                CHECK_EQUAL(edge.last_touched(), (pixel * cells + pixels - 1) / pixels);
            }
        }
    }
}

TEST(large_axes) {
    std::mt19937_64 random(4);
    for (const std::int32_t cells : {1, 2, 3, 100, 640, 4999, 1 << 20}) {
        PixelAxis axis{Axis(cells)};
        for (const std::int64_t pixels :
             {std::int64_t{1}, std::int64_t{3}, std::int64_t{640}, std::int64_t{99999}, std::int64_t{1} << 30,
              max_pixels_per_axis - 1, max_pixels_per_axis}) {
            axis.set_pixels(pixels);
            for (int i = 0; i < 2000; ++i) {
                const auto cell = static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(cells));
                // About a center, an edge of a cell, or anywhere.
                std::int64_t pixel = i % 3 == 0   ? sampled(cell, cells, pixels)
                                     : i % 3 == 1 ? cell * pixels / cells
                                                  : static_cast<std::int64_t>(random() >> 33);
                pixel = std::min(pixels, std::max<std::int64_t>(0, pixel + i % 5 - 2));
                const std::int32_t before = axis.centers_before(pixel);
                CHECK(before == 0 || sampled(before - 1, cells, pixels) < pixel);
                CHECK(before == cells || sampled(before, cells, pixels) >= pixel);
                CHECK_EQUAL(axis.edge(pixel).cell, pixel * cells / pixels);
                CHECK_EQUAL(axis.edge(pixel).past, pixel * cells % pixels);
            }
        }
    }
}
