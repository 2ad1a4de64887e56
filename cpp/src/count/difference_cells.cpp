#include "heatgrid/count/difference_cells.hpp"

namespace heatgrid {

// Out of line: carries are rare, and additions are in the innermost loops.
void SpillingCells::carry(std::size_t cell, bool is_below) {
    const std::uint32_t range = bytes_.empty() ? 1U << 16 : 1U << 8;
    add_wide(cell, is_below ? 0 - range : range);
}

void SpillingCells::add_wide(std::size_t cell, std::uint32_t amount) {
    wide_row(cell / stride_)[cell % stride_] += amount;
}

std::uint32_t* SpillingCells::wide_row(std::size_t row) {
    if (wide_[row].empty()) wide_[row].assign(stride_, 0);
    return wide_[row].data();
}

}  // namespace heatgrid
