#include "heatgrid/box_corners.hpp"

#include <algorithm>

#include "box_corners_avx2.hpp"

namespace heatgrid {

bool adds_corners(Grid grid, const BoxOptions& options) noexcept {
    static const bool is_wide_machine = has_avx2();
    return is_wide_machine && CornerCounts::fits(grid) && options.rule == Rule::center &&
           options.large_box_ratio == std::numeric_limits<double>::infinity();
}

void add_corners(const Boxes& boxes, std::size_t begin, std::size_t end, const Cells& cells,
                 CornerCounts& counts, Outcome* outcomes) {
    const std::size_t n = end - begin;
    const std::size_t in_fours = n & ~std::size_t{3};
    std::uint16_t doubtful[corner_block / 4];
    CornerCounts::Carry carried[4 * corner_block];
    std::size_t doubts = 0;
    if (in_fours) {
        counts.with_cells([&](auto* narrow) {
            const Leftover left = add_corners_avx2(boxes, begin, begin + in_fours, cells, counts.stride(),
                                                   narrow, outcomes, doubtful, carried);
            doubts = left.doubts;
            for (std::size_t k = 0; k < left.carries; ++k) counts.carry(carried[k]);
        });
    }
    const auto settle = [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const BoxCells box = scan_box(boxes, begin + i, cells, BoxOptions{});
            counts.add(box.cells);
            outcomes[i] = box.outcome;
        }
    };
    for (std::size_t k = 0; k < doubts; ++k) settle(doubtful[k], doubtful[k] + std::size_t{4});
    settle(in_fours, n);
}

}  // namespace heatgrid
