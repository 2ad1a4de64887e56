// Rows of PNG images: every filter, for pixels of one and of two bytes.
#include "heatgrid/text/png_rows.hpp"

#include <vector>

#include "check.hpp"

using namespace heatgrid::check;

namespace {

using Bytes = std::vector<std::uint8_t>;

template <std::size_t Step>
Bytes unfiltered(const Bytes& rows, std::size_t height, std::size_t width) {
    Bytes pixels(height * width);
    CHECK(heatgrid::unfilter_png_rows<Step>(rows.data(), height, width, pixels.data()));
    return pixels;
}

}  // namespace

TEST(filters_of_one_byte) {
    const Bytes rows{
        0, 10, 20, 30, 250,  //
        1, 1,  1,  1,  255,  // left
        2, 1,  2,  3,  255,  // above
        3, 1,  2,  3,  4,    // mean of both
        4, 0,  0,  1,  0,    // the nearest of three
    };
    const Bytes expected{
        10, 20, 30, 250,  //
        1,  2,  3,  2,    //
        2,  4,  6,  1,    //
        2,  5,  8,  8,    //
        2,  5,  9,  9,
    };
    CHECK(unfiltered<1>(rows, 5, 4) == expected);
}

TEST(filters_of_two_bytes) {
    const Bytes rows{
        1, 1, 200, 1, 100, 1, 0,  // left
        4, 5, 0,   0, 0,   0, 0,
    };
    const Bytes expected{
        1, 200, 2, 44, 3, 44,  //
        6, 200, 6, 44, 6, 44,
    };
    CHECK(unfiltered<2>(rows, 2, 6) == expected);
}

TEST(other_filters_are_unknown) {
    const Bytes rows{5, 1, 2};
    Bytes pixels(2);
    CHECK(!heatgrid::unfilter_png_rows<1>(rows.data(), 1, 2, pixels.data()));
    CHECK(heatgrid::unfilter_png_rows<1>(nullptr, 0, 0, nullptr));
}
