#include "heatgrid/shapes/crossings.hpp"

namespace heatgrid {

DoubledIndex Crossings::exact_slot(std::int32_t line, std::int32_t columns) const noexcept {
    const double y = line;
    const bool is_upright = from_.x == to_.x;
    const double x = is_upright ? from_.x : crossing(from_, to_, y);
    if (!(x > -0.5)) return -1;
    if (!(x < columns + 0.5)) return index_of_line(columns) + 1;
    const double corner = std::nearbyint(x);
    int side = static_cast<int>(x > corner) - static_cast<int>(x < corner);
    if (!is_upright && std::fabs(x - corner) < 0x1p-20) {
        const Position at{corner, y};
        side = from_.y < to_.y ? orientation(from_, to_, at) : orientation(to_, from_, at);
    }
    return index_of_line(static_cast<std::int32_t>(corner)) + side;
}

}  // namespace heatgrid
