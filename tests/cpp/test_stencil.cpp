// Stencils: pixels blended into a frame, each with its own color and opacity.

#include <cstdint>
#include <vector>

#include "check.hpp"
#include "heatgrid/live/overlay.hpp"

using heatgrid::Stencil;

namespace {

using Bytes = std::vector<std::uint8_t>;

// A gray pixel blended into another.
std::uint8_t laid(unsigned below, unsigned color, unsigned opacity) {
    Bytes frame(3, static_cast<std::uint8_t>(below));
    const std::int32_t place[2] = {0, 0};
    const auto ink = static_cast<std::uint16_t>(color * opacity + 128);
    const std::uint16_t inks[3] = {ink, ink, ink};
    const auto rest = static_cast<std::uint16_t>(256 - opacity);
    lay_stencil(Stencil{place, inks, &rest, 1}, frame.data(), 3);
    return frame[2];
}

}  // namespace

TEST(a_pixel_is_blended_to_the_nearest_byte) {
    for (unsigned below = 0; below < 256; below += 5) {
        for (const unsigned color : {0U, 1U, 128U, 255U}) {
            CHECK_EQUAL(unsigned{laid(below, color, 0)}, below);
            CHECK_EQUAL(unsigned{laid(below, color, 256)}, color);
            for (unsigned opacity = 1; opacity < 256; ++opacity) {
                const double share = opacity / 256.0;
                const double exact = below * (1.0 - share) + color * share;
                CHECK_EQUAL(unsigned{laid(below, color, opacity)}, static_cast<unsigned>(exact + 0.5));
            }
        }
    }
}

TEST(pixels_lie_at_their_rows_and_columns) {
    Bytes frame(2 * 16, 9);  // two rows of four pixels, with four unused bytes after each
    const std::int32_t places[4] = {0, 3, 1, 0};
    const std::uint16_t ink[6] = {1 << 8, 2 << 8, 3 << 8, 4 << 8, 5 << 8, 6 << 8};
    const std::uint16_t rest[2] = {0, 0};
    lay_stencil(Stencil{places, ink, rest, 2}, frame.data(), 16);
    Bytes expected(2 * 16, 9);
    for (std::size_t k = 0; k < 3; ++k) {
        expected[9 + k] = static_cast<std::uint8_t>(1 + k);
        expected[16 + k] = static_cast<std::uint8_t>(4 + k);
    }
    CHECK(frame == expected);
}
