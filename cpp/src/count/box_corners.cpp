#include "heatgrid/count/box_corners.hpp"

#include <algorithm>

#include "box_corners_avx2.hpp"
#include "heatgrid/shapes/box_avx2.hpp"

namespace heatgrid {

bool adds_corners(Grid grid, const BoxOptions& options) noexcept {
    return scans_fours(Cells(grid)) && options.rule == Rule::center &&
           options.large_box_ratio == std::numeric_limits<double>::infinity();
}

void add_corners(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                 DifferenceGrid<std::uint32_t>& counts, Outcome* outcomes) {
    const std::size_t n = end - begin;
    const std::size_t in_fours = n & ~std::size_t{3};
    std::uint16_t ambiguous[corner_block];
    std::size_t ambiguous_count = 0;
    if constexpr (compiled_for_avx2) {
        ambiguous_count = add_corners_avx2(boxes, begin, begin + in_fours, cells, counts.stride(),
                                           counts.cells(), outcomes, ambiguous);
    }
    Rectangle rectangles[4];
    const auto scan_few = [&](std::size_t first, std::size_t last) {
        scan_few_boxes(boxes, begin + first, begin + last, cells, rectangles, outcomes + first);
        for (std::size_t i = 0; i < last - first; ++i) {
            if (outcomes[first + i] <= Outcome::counted_as_point) counts.add(0, rectangles[i], 1);
        }
    };
    for (std::size_t k = 0; k < ambiguous_count; ++k) scan_few(ambiguous[k], ambiguous[k] + std::size_t{1});
    scan_few(in_fours, n);
}

}  // namespace heatgrid
