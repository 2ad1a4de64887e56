#include "heatgrid/count/grouping.hpp"

#include <algorithm>
#include <numeric>

namespace heatgrid {

Grouping group(std::size_t count, const std::int64_t* labels, std::size_t classes,
               const std::int64_t* images) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (images && !std::is_sorted(images, images + count)) {
        std::stable_sort(order.begin(), order.end(),
                         [images](std::size_t a, std::size_t b) { return images[a] < images[b]; });
    }
    Grouping grouping{std::move(order), std::vector<Stretch>(classes)};
    if (!labels || classes == 1) {
        grouping.by_class.front() = {0, count};
        return grouping;
    }
    std::vector<std::size_t> next(classes + 1, 0);
    for (std::size_t i = 0; i < count; ++i) ++next[static_cast<std::size_t>(labels[i]) + 1];
    for (std::size_t k = 0; k < classes; ++k) {
        next[k + 1] += next[k];
        grouping.by_class[k] = {next[k], next[k + 1]};
    }
    std::vector<std::size_t> sorted(count);
    for (const std::size_t annotation : grouping.order) {
        sorted[next[static_cast<std::size_t>(labels[annotation])]++] = annotation;
    }
    grouping.order = std::move(sorted);
    return grouping;
}

}  // namespace heatgrid
