#include "heatgrid/differences.hpp"

#include <algorithm>

namespace heatgrid {

void DifferenceGrid::flush_rectangles(std::size_t plane, std::int64_t* counts) {
    std::vector<std::uint32_t> column_sums(stride_, 0);
    const auto columns = static_cast<std::size_t>(grid_.columns);
    for (std::int32_t r = 0; r < grid_.rows; ++r) {
        const std::uint32_t* row = at(plane, r);
        for (std::size_t c = 0; c < columns; ++c) column_sums[c] += row[c];
        std::uint32_t sum = 0;
        for (std::size_t c = 0; c < columns; ++c) {
            sum += column_sums[c];
            counts[c] += static_cast<std::int64_t>(sum);
        }
        counts += columns;
    }
    std::fill_n(at(plane, 0), plane_, 0);
}

void DifferenceGrid::flush_runs(std::size_t plane, std::int64_t* counts) noexcept {
    const auto columns = static_cast<std::size_t>(grid_.columns);
    for (std::int32_t r = 0; r < grid_.rows; ++r) {
        const std::uint32_t* row = at(plane, r);
        std::uint32_t sum = 0;
        for (std::size_t c = 0; c < columns; ++c) {
            sum += row[c];
            counts[c] += static_cast<std::int64_t>(sum);
        }
        counts += columns;
    }
    std::fill_n(at(plane, 0), plane_, 0);
}

}  // namespace heatgrid
