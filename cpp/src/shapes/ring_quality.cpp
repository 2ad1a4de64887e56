#include "heatgrid/shapes/ring_quality.hpp"

namespace heatgrid {
namespace {

bool differ(const double* a, const double* b) noexcept { return !(a[0] == b[0] && a[1] == b[1]); }

// The second point is the first vertex unlike the first, the third one unlike both.
bool has_three_points(const double* first, const double* end) noexcept {
    const double* second = first;
    while (second != end && !differ(second, first)) second += 2;
    const double* third = second;
    while (third != end && !(differ(third, first) && differ(third, second))) third += 2;
    return third != end;
}

// Whatever is multiplied by 0 is 0, but for infinity and NaN.
bool is_all_finite(const double* value, const double* end) noexcept {
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    for (; end - value >= 4; value += 4) {
        for (int i = 0; i < 4; ++i) sums[i] += value[i] * 0.0;
    }
    for (; value != end; ++value) sums[0] += *value * 0.0;
    return sums[0] + sums[1] + sums[2] + sums[3] == 0.0;
}

}  // namespace

void judge_rings(const double* coordinates, const std::int64_t* offsets, std::size_t rings,
                 std::uint8_t* qualities) noexcept {
    for (std::size_t i = 0; i < rings; ++i) {
        const double* const first = coordinates + 2 * offsets[i];
        const double* const end = coordinates + 2 * offsets[i + 1];
        unsigned quality = 0;
        if (end - first >= 6 && has_three_points(first, end)) {
            quality |= static_cast<unsigned>(RingQuality::three_points);
        }
        if (!is_all_finite(first, end)) quality |= static_cast<unsigned>(RingQuality::not_finite);
        qualities[i] = static_cast<std::uint8_t>(quality);
    }
}

}  // namespace heatgrid
