#include <algorithm>

#include "heatgrid/count/count.hpp"

namespace heatgrid {

std::size_t count_faults(const Outcome* outcomes, std::size_t count) noexcept {
    const auto* const codes = reinterpret_cast<const std::uint8_t*>(outcomes);
    std::uint8_t largest = 0;  // a vectorized pass, since faults are rare
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, codes[i]);
    if (largest < static_cast<std::uint8_t>(Outcome::not_finite)) return 0;
    const auto faults = std::count_if(outcomes, outcomes + count, [](Outcome outcome) {
        return outcome >= Outcome::not_finite && outcome < Outcome::other_class;
    });
    return static_cast<std::size_t>(faults);
}

}  // namespace heatgrid
