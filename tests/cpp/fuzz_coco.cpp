// libFuzzer: scans any bytes as a COCO file, and a text of annotations that the bytes choose. The columns
// must be consistent, and must not depend on the size of the window or on where the text is divided.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string_view>
#include <vector>

#include "heatgrid/text/coco_scan.hpp"

namespace {

constexpr int most_borders = 4;  // each costs a thread

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

template <class Value>
bool equal(const heatgrid::Column<Value>& a, const heatgrid::Column<Value>& b) {
    return a.size() == b.size() &&
           (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size() * sizeof(Value)) == 0);
}

bool are_same(const heatgrid::CocoScan& a, const heatgrid::CocoScan& b) {
    return equal(a.images.ids, b.images.ids) && equal(a.images.sizes, b.images.sizes) &&
           equal(a.images.names, b.images.names) && equal(a.categories, b.categories) &&
           equal(a.other_images.indices, b.other_images.indices) &&
           equal(a.other_images.text, b.other_images.text) &&
           a.annotations.first_geometry == b.annotations.first_geometry &&
           a.annotations.first_caption == b.annotations.first_caption &&
           equal(a.annotations.image_ids, b.annotations.image_ids) &&
           equal(a.annotations.category_ids, b.annotations.category_ids) &&
           equal(a.annotations.traits, b.annotations.traits) && equal(a.annotations.ids, b.annotations.ids) &&
           equal(a.annotations.scores, b.annotations.scores) &&
           equal(a.annotations.box_lengths, b.annotations.box_lengths) &&
           equal(a.annotations.boxes, b.annotations.boxes) &&
           equal(a.annotations.ring_counts, b.annotations.ring_counts) &&
           equal(a.annotations.ring_lengths, b.annotations.ring_lengths) &&
           equal(a.annotations.rings, b.annotations.rings) &&
           equal(a.annotations.keypoint_lengths, b.annotations.keypoint_lengths) &&
           equal(a.annotations.keypoints, b.annotations.keypoints) &&
           equal(a.annotations.mask_sizes, b.annotations.mask_sizes) &&
           equal(a.annotations.code_lengths, b.annotations.code_lengths) &&
           equal(a.annotations.codes, b.annotations.codes) &&
           equal(a.annotations.run_lengths, b.annotations.run_lengths) &&
           equal(a.annotations.runs, b.annotations.runs) &&
           equal(a.other_annotations.indices, b.other_annotations.indices) &&
           equal(a.other_annotations.text, b.other_annotations.text);
}

// Source of a text in small pieces.
auto pieces_of(std::string_view text) {
    return [text, done = std::size_t{0}](char* to, std::size_t capacity) mutable {
        const std::size_t count = text.copy(to, std::min(capacity, done % 7 + 1), done);
        done += count;
        return count;
    };
}

// Scans the text in small pieces through a window.
std::optional<heatgrid::CocoScan> scan(std::string_view text, std::size_t size, std::size_t lookahead) {
    heatgrid::TextWindow window(pieces_of(text), size, lookahead);
    return heatgrid::scan_coco(window, text.size());
}

// Scans the text in two parts, which need not be between two annotations.
std::optional<heatgrid::CocoScan> scan_parts(std::string_view text, std::size_t border) {
    heatgrid::TextWindow first(pieces_of(text.substr(0, border)), 600, 400);
    heatgrid::TextWindow second(pieces_of(text.substr(border)), 600, 400);
    return heatgrid::scan_coco({&first, &second}, text.size());
}

// A file whose annotations consist of fragments, one per byte.
std::vector<char> written_by(const std::uint8_t* data, std::size_t size) {
    constexpr std::string_view fragments[] = {
        R"({"id": 1, "image_id": 2, "category_id": 3, "bbox": [1, 2.5, 3, 4]}, )",
        R"({"image_id":2,"category_id":3,"segmentation":[[1,1,4,1,4,3.5],[5,5,6,6,5,6]]},)",
        R"({"image_id": 2, "category_id": 3, "segmentation": {"size": [4, 5], "counts": [3, 17]}}, )",
        R"({"image_id": 2, "category_id": 3, "keypoints": [1, 2, 2], "score": 0.5, "iscrowd": 1}, )",
        R"({"image_id": 2, "category_id": 3, "caption": "}, {\"id\": 1}", "bbox": []}, )",
        R"({"keypoints": [1, 2, 2], "segments_info": [{"id": 1}, {"id": 2}]}, )",
        R"({"bbox": [1, 2, 3, 4], "image_id": 2, "category_id": 3, "attributes": {"rotation": 30.5}}, )",
        "{}, ",
        "null,\n",
        "[], ",
        "{",
        "}",
        ", ",
        "\"",
        "\\",
        "7"};
    constexpr std::string_view before = R"({"images": [{"id": 2}], "annotations": [)";
    std::vector<char> text(before.begin(), before.end());
    for (std::size_t i = 0; i < size; ++i) {
        const std::string_view next = fragments[data[i] < 240 ? data[i] % 10 : data[i] % 16];
        text.insert(text.end(), next.begin(), next.end());
    }
    constexpr std::string_view after = R"({"image_id": 2, "category_id": 3}], "categories": []})";
    text.insert(text.end(), after.begin(), after.end());
    return text;
}

void check_remainder(const heatgrid::CocoRemainder& remainder, std::size_t understood) {
    const std::size_t count = remainder.indices.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(remainder.indices[i]);
        require(index < understood + count && (i == 0 || remainder.indices[i] > remainder.indices[i - 1]),
                "indices increase");
    }
    require((count == 0) == (remainder.text.size() == 0), "every other element has a text");
}

void check_scan(const std::vector<char>& exact) {  // the memory ends with the text
    const std::size_t size = exact.size();
    const std::string_view text(exact.data(), size);
    const std::optional<heatgrid::CocoScan> whole = scan(text, size + 1, size + 1);
    const std::optional<heatgrid::CocoScan> piecewise = scan(text, 600, 400);
    std::size_t border = text.find("},");
    for (int i = 0; i < most_borders && border != std::string_view::npos; ++i) {
        const std::optional<heatgrid::CocoScan> parts = scan_parts(text, border + 2);
        require(!parts || (whole && are_same(*whole, *parts)), "parts give what the whole gives, or nothing");
        border = text.find("},", border + 1);
    }
    if (!whole) {
        require(!piecewise, "what is unsupported as a whole is unsupported in pieces");
        return;
    }
    require(piecewise ? are_same(*whole, *piecewise) : size > 400, "pieces give what the whole gives");
    const auto& [images, annotations, other_images, other_annotations, categories] = *whole;
    require(categories.size() <= size, "the categories are part of the text");
    check_remainder(other_images, images.ids.size());
    check_remainder(other_annotations, annotations.ids.size());
    require(images.sizes.size() == 2 * images.ids.size(), "an image has two sides");
    std::size_t names = 0;
    for (std::size_t i = 0; i < images.names.size(); ++i) names += images.names[i] == '\n';
    require(names == images.ids.size(), "an image has one name");
    const std::size_t count = annotations.image_ids.size();
    for (const auto* column :
         {&annotations.category_ids, &annotations.ids, &annotations.box_lengths, &annotations.ring_counts}) {
        require(column->size() == count, "every column has one entry per annotation");
    }
    require(annotations.traits.size() == count, "every column has one entry per annotation");
    const auto has_all_or_none = [&](std::size_t n) { return n == 0 || n == count; };
    require(has_all_or_none(annotations.scores.size()) &&
                has_all_or_none(annotations.keypoint_lengths.size()) &&
                has_all_or_none(annotations.code_lengths.size()) &&
                annotations.run_lengths.size() == annotations.code_lengths.size() &&
                annotations.mask_sizes.size() == 2 * annotations.code_lengths.size(),
            "columns of what few have are whole, or none");
    require(sum(annotations.box_lengths) == annotations.boxes.size(), "boxes fit their lengths");
    require(sum(annotations.ring_counts) == annotations.ring_lengths.size(), "rings fit their counts");
    require(sum(annotations.ring_lengths) == annotations.rings.size(), "coordinates fit their lengths");
    require(sum(annotations.keypoint_lengths) == annotations.keypoints.size(), "keypoints fit their lengths");
    require(sum(annotations.code_lengths) == annotations.codes.size(), "codes fit their lengths");
    require(sum(annotations.run_lengths) == annotations.runs.size(), "runs fit their lengths");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_scan({data, data + size});
    check_scan(written_by(data, std::min<std::size_t>(size, 40)));
    return 0;
}
