// Annotations in the order of their class, and of their image within a class; in their own order within both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatgrid {

// Positions first .. last - 1 of an order.
struct Stretch {
    std::size_t first = 0;
    std::size_t last = 0;
};

struct Grouping {
    std::vector<std::size_t> order;  // annotations
    std::vector<Stretch> by_class;   // one a class
};

// Without labels, all are of class 0; without images, they keep their order within a class.
// Cost: O(count + classes) for images that never decrease; else a sort by image goes first.
[[nodiscard]] Grouping group(std::size_t count, const std::int64_t* labels, std::size_t classes,
                             const std::int64_t* images);

}  // namespace heatgrid
