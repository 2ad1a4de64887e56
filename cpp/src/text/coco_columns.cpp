// Columns of a COCO file that was read in parts.
#include <algorithm>
#include <utility>

#include "heatgrid/text/coco_scan.hpp"

namespace heatgrid {

void CocoRemainder::append(CocoRemainder&& next, std::int64_t index) {
    for (std::size_t i = 0; i < next.indices.size(); ++i) indices.push(index + next.indices[i]);
    text.append(std::move(next.text));
}

void CocoAnnotations::append(CocoAnnotations&& next, std::int64_t index) {
    const std::size_t rows = ids.size();
    if (next.scores.size() != 0) scores.pad(rows, absent);
    if (next.keypoint_lengths.size() != 0) keypoint_lengths.pad(rows, 0);
    if (next.mask_sizes.size() != 0) pad_masks(rows);
    const auto append_each = [&](auto... columns) {
        ((this->*columns).append(std::move(next.*columns)), ...);
    };
    using Self = CocoAnnotations;
    append_each(&Self::image_ids, &Self::category_ids, &Self::ids, &Self::traits, &Self::scores,
                &Self::box_lengths, &Self::boxes, &Self::ring_counts, &Self::ring_lengths, &Self::rings,
                &Self::keypoint_lengths, &Self::keypoints, &Self::mask_sizes, &Self::code_lengths,
                &Self::codes, &Self::run_lengths, &Self::runs);
    if (next.first_geometry != none) first_geometry = std::min(first_geometry, index + next.first_geometry);
    if (next.first_caption != none) first_caption = std::min(first_caption, index + next.first_caption);
}

void CocoAnnotations::complete() {
    const std::size_t rows = ids.size();
    if (scores.size() != 0) scores.pad(rows, absent);
    if (keypoint_lengths.size() != 0) keypoint_lengths.pad(rows, 0);
    if (mask_sizes.size() != 0) pad_masks(rows);
}

void CocoAnnotations::pad_masks(std::size_t count) {
    mask_sizes.pad(2 * count, 0);
    code_lengths.pad(count, 0);
    run_lengths.pad(count, 0);
}

void CocoScan::append(CocoScan&& next, std::int64_t index) {
    images.ids.append(std::move(next.images.ids));
    images.sizes.append(std::move(next.images.sizes));
    images.names.append(std::move(next.images.names));
    categories.append(std::move(next.categories));
    other_images.append(std::move(next.other_images), 0);  // one part holds all images
    other_annotations.append(std::move(next.other_annotations), index);
    annotations.append(std::move(next.annotations), index);
}

}  // namespace heatgrid
