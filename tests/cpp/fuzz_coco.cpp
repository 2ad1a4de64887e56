// libFuzzer: any bytes are read as a COCO file, whose columns, where there are any, must fit together.
#include <cstdlib>
#include <iostream>
#include <vector>

#include "heatgrid/coco_reader.hpp"

namespace {

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

std::size_t sum(const heatgrid::Column<std::int64_t>& lengths) {
    std::size_t total = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        require(lengths[i] >= 0, "no length is negative");
        total += static_cast<std::size_t>(lengths[i]);
    }
    return total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<char> exact(data, data + size);  // nothing readable behind the end
    const std::optional<heatgrid::CocoFile> file = heatgrid::read_coco(exact.data(), exact.size());
    if (!file) return 0;
    const auto& [images, annotations, begin, end] = *file;
    require(begin <= end && end <= size, "the categories lie in the text");
    require(images.sizes.size() == 2 * images.ids.size(), "an image has two sides");
    std::size_t names = 0;
    for (std::size_t i = 0; i < images.names.size(); ++i) names += images.names[i] == '\n';
    require(names == images.ids.size(), "an image has one name");
    const std::size_t count = annotations.image_ids.size();
    for (const auto* column :
         {&annotations.category_ids, &annotations.ids, &annotations.box_lengths, &annotations.ring_counts,
          &annotations.keypoint_lengths, &annotations.code_lengths, &annotations.run_lengths}) {
        require(column->size() == count, "every column has one entry an annotation");
    }
    require(annotations.traits.size() == count && annotations.scores.size() == count &&
                annotations.mask_sizes.size() == 2 * count,
            "every column has one entry an annotation");
    require(sum(annotations.box_lengths) == annotations.boxes.size(), "boxes fit their lengths");
    require(sum(annotations.ring_counts) == annotations.ring_lengths.size(), "rings fit their counts");
    require(sum(annotations.ring_lengths) == annotations.rings.size(), "coordinates fit their lengths");
    require(sum(annotations.keypoint_lengths) == annotations.keypoints.size(), "keypoints fit their lengths");
    require(sum(annotations.code_lengths) == annotations.codes.size(), "codes fit their lengths");
    require(sum(annotations.run_lengths) == annotations.runs.size(), "runs fit their lengths");
    return 0;
}
