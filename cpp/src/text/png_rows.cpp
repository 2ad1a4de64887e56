#include "heatgrid/text/png_rows.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

using Byte = std::uint8_t;

// Writes a row whose bytes are filtered by a prediction of the bytes to the left, above, and above left.
template <std::size_t Step, class Predict>
void unfilter(const Byte* row, const Byte* above, std::size_t width, Byte* pixels, Predict predict) {
    Byte left[Step] = {};
    Byte corner[Step] = {};
    for (std::size_t x = 0; x < width; x += Step) {
        for (std::size_t i = 0; i < Step; ++i) {
            left[i] = static_cast<Byte>(row[x + i] + predict(left[i], above[x + i], corner[i]));
            corner[i] = above[x + i];
            pixels[x + i] = left[i];
        }
    }
}

int paeth(int left, int above, int corner) noexcept {
    const int to_left = std::abs(above - corner);
    const int to_above = std::abs(left - corner);
    const int to_corner = std::abs(left + above - 2 * corner);
    const int nearer = to_left <= to_above ? left : above;
    return std::min(to_left, to_above) <= to_corner ? nearer : corner;
}

}  // namespace

template <std::size_t Step>
bool unfilter_png_rows(const std::uint8_t* rows, std::size_t height, std::size_t width,
                       std::uint8_t* pixels) {
    const std::vector<Byte> none(width);
    const Byte* above = none.data();
    Checkpoint check;
    for (std::size_t y = 0; y < height; ++y) {
        const Byte filter = *rows++;
        switch (filter) {
            case 0:
                std::memcpy(pixels, rows, width);
                break;
            case 1:
                unfilter<Step>(rows, above, width, pixels, [](int left, int, int) { return left; });
                break;
            case 2:
                for (std::size_t x = 0; x < width; ++x) pixels[x] = static_cast<Byte>(rows[x] + above[x]);
                break;
            case 3:
                unfilter<Step>(rows, above, width, pixels,
                               [](int left, int up, int) { return (left + up) / 2; });
                break;
            case 4:
                unfilter<Step>(rows, above, width, pixels, paeth);
                break;
            default:
                return false;
        }
        check(width);
        above = pixels;
        pixels += width;
        rows += width;
    }
    return true;
}

template bool unfilter_png_rows<1>(const std::uint8_t*, std::size_t, std::size_t, std::uint8_t*);
template bool unfilter_png_rows<2>(const std::uint8_t*, std::size_t, std::size_t, std::uint8_t*);
template bool unfilter_png_rows<3>(const std::uint8_t*, std::size_t, std::size_t, std::uint8_t*);

}  // namespace heatgrid
