// Annotations sorted by class, and by image within a class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatgrid {

/// Positions first .. last - 1 of an order.
struct Range {
    std::size_t first = 0;
    std::size_t last = 0;
};

struct Grouping {
    std::vector<std::size_t> order;  ///< annotations
    std::vector<Range> by_class;     ///< one per class
};

/// Whether the images of the annotations (order[0 .. count - 1], or 0 .. count - 1) never decrease.
[[nodiscard]] bool is_in_order(std::size_t count, const std::size_t* order,
                               const std::int64_t* images) noexcept;

/// Stable sort by class, then by image. Without labels, all are of class 0; without images, annotations keep
/// their order within a class. O(count + classes) if images never decrease, else O(count log count).
[[nodiscard]] Grouping group(std::size_t count, const std::size_t* order, const std::int64_t* labels,
                             std::size_t classes, const std::int64_t* images);

}  // namespace heatgrid
