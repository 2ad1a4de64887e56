#include "heatgrid/count/grouping.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {

bool is_in_order(std::size_t count, const std::size_t* order, const std::int64_t* images) noexcept {
    if (!order) return std::is_sorted(images, images + count);
    return std::is_sorted(order, order + count,
                          [images](std::size_t a, std::size_t b) { return images[a] < images[b]; });
}

Grouping group(std::size_t count, const std::size_t* order, const std::int64_t* labels, std::size_t classes,
               const std::int64_t* images) {
    std::vector<std::size_t> by_image(count);
    if (order) {
        std::copy_n(order, count, by_image.begin());
    } else {
        std::iota(by_image.begin(), by_image.end(), std::size_t{0});
    }
    if (images && !is_in_order(count, order, images)) {
        // Sorted with copies of the images, since a sort relies on values that do not change.
        std::vector<std::pair<std::int64_t, std::size_t>> pairs(count);
        for (std::size_t i = 0; i < count; ++i) pairs[i] = {images[by_image[i]], by_image[i]};
        Checkpoint check;
        std::stable_sort(pairs.begin(), pairs.end(), [&check](const auto& a, const auto& b) {
            check(1);
            return a.first < b.first;
        });
        for (std::size_t i = 0; i < count; ++i) by_image[i] = pairs[i].second;
    }
    Grouping grouping{std::move(by_image), std::vector<Range>(classes)};
    if (!labels || classes == 1) {
        grouping.by_class.front() = {0, count};
        return grouping;
    }
    std::vector<std::size_t> next(classes + 1, 0);
    for (const std::size_t annotation : grouping.order) ++next[class_of(labels[annotation], classes) + 1];
    for (std::size_t k = 0; k < classes; ++k) {
        next[k + 1] += next[k];
        grouping.by_class[k] = {next[k], next[k + 1]};
    }
    std::vector<std::size_t> sorted(grouping.order);
    for (const std::size_t annotation : grouping.order) {
        const std::size_t k = class_of(labels[annotation], classes);
        if (next[k] < grouping.by_class[k].last)
            sorted[next[k]++] = annotation;  // unless labels have changed
    }
    grouping.order = std::move(sorted);
    return grouping;
}

}  // namespace heatgrid
