#include "heatgrid/text/coco_annotation.hpp"

#include <algorithm>
#include <string_view>

namespace heatgrid {
namespace {

constexpr std::int64_t largest_side = (std::int64_t{1} << 31) - 1;

constexpr std::string_view keys[] = {"segmentation", "bbox",     "image_id",  "category_id", "id",
                                     "iscrowd",      "score",    "keypoints", "ignore",      "segments_info",
                                     "attributes",   "rotation", "angle",     "theta"};
enum : unsigned { segmentation, bbox, image_id, category_id, annotation_id, iscrowd };
enum : unsigned { score = iscrowd + 1, keypoints, ignore, segments_info, attributes, rotation, angle, theta };

// Copies the characters of a compressed code; the only escape in it is that of the backslash.
std::int64_t read_code(std::string_view text, Column<std::uint8_t>& codes) {
    const std::size_t before = codes.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '\\';
        if (is_escape && text[++i] != '\\') throw UnsupportedJson();  // it has at least two characters
        const auto character = static_cast<std::uint8_t>(text[i]);
        if (character >= 0x80) throw UnsupportedJson();
        codes.push(character);
    }
    return static_cast<std::int64_t>(codes.size() - before);
}

}  // namespace

// Truth of a boolean, number or null in Python.
bool CocoAnnotationReader::truth() {
    const char mark = json_.peek();
    if (mark == 't' || mark == 'f') return json_.boolean();
    return !json_.take_null() && json_.number() != 0.0;
}

void CocoAnnotationReader::read(std::int64_t index) {
    const std::size_t row = columns_.ids.size();
    KeySet found;
    unsigned traits = 0;
    const auto add_trait = [&](CocoTrait trait, bool has) {
        if (has) traits |= static_cast<unsigned>(trait);
    };
    std::int64_t image = 0;
    std::int64_t category = 0;
    std::int64_t own = 0;
    std::int64_t box = 0;
    std::int64_t rings = 0;
    json_.object([&](std::string_view key) {
        const unsigned which = index_of(key, keys);
        if (which <= segments_info) found.add(which);
        switch (which) {
            case segmentation:
                rings = read_segmentation(row);
                break;
            case bbox:
                if (!json_.take_null()) box = json_.numbers(columns_.boxes);
                break;
            case image_id:
                image = json_.integer();
                break;
            case category_id:
                category = json_.integer();
                break;
            case annotation_id:
                if (json_.take_null()) break;
                own = json_.integer();
                add_trait(CocoTrait::id, true);
                break;
            case iscrowd:
                add_trait(CocoTrait::crowd, truth());
                break;
            case score:
                if (json_.take_null()) break;
                columns_.scores.pad(row, CocoAnnotations::absent);
                columns_.scores.push(json_.number());
                break;
            case keypoints:
                if (json_.take_null()) break;
                columns_.keypoint_lengths.pad(row, 0);
                columns_.keypoint_lengths.push(json_.numbers(columns_.keypoints));
                break;
            case ignore:
                add_trait(CocoTrait::ignore, truth());
                break;
            case segments_info:
                throw UnsupportedJson();
            case attributes:
                read_attributes();
                break;
            case rotation:
            case angle:
            case theta:
                if (truth()) throw UnsupportedJson();
                break;
            default:
                if (key == "caption") columns_.first_caption = std::min(columns_.first_caption, index);
                json_.skip();
        }
    });
    if (!found.has(image_id) || !found.has(category_id)) throw UnsupportedJson();
    const bool has_geometry = found.has(bbox) || found.has(segmentation) || found.has(keypoints);
    if (has_geometry) columns_.first_geometry = std::min(columns_.first_geometry, index);
    columns_.image_ids.push(image);
    columns_.category_ids.push(category);
    columns_.ids.push(own);
    columns_.traits.push(static_cast<std::uint8_t>(traits));
    columns_.box_lengths.push(box);
    columns_.ring_counts.push(rings);
}

// Looks for the rotation that CVAT writes.
void CocoAnnotationReader::read_attributes() {
    if (json_.peek() != '{') return static_cast<void>(json_.skip());
    json_.object([&](std::string_view key) {
        if (key != keys[rotation]) {
            json_.skip();
        } else if (truth()) {
            throw UnsupportedJson();
        }
    });
}

// Returns the number of rings.
std::int64_t CocoAnnotationReader::read_segmentation(std::size_t row) {
    const char mark = json_.peek();
    if (mark == '[') return read_rings();
    if (mark == '{') {
        read_mask(row);
    } else if (!json_.take_null()) {
        throw UnsupportedJson();
    }
    return 0;
}

// Reads a list of rings, or the numbers of a single ring.
std::int64_t CocoAnnotationReader::read_rings() {
    if (!json_.is_list_of('[')) {
        const std::int64_t count = json_.numbers(columns_.rings);
        if (count == 0) return 0;
        columns_.ring_lengths.push(count);
        return 1;
    }
    std::int64_t rings = 0;
    json_.list([&] {
        columns_.ring_lengths.push(json_.numbers(columns_.rings));
        ++rings;
    });
    return rings;
}

void CocoAnnotationReader::read_mask(std::size_t row) {
    constexpr unsigned size = 0;
    constexpr unsigned counts = 1;
    std::int64_t code = 0;
    std::int64_t runs = 0;
    columns_.pad_masks(row);
    KeySet found;
    json_.object([&](std::string_view key) {
        if (key == "size") {
            found.add(size);
            json_.list([&] {
                const std::int64_t side = json_.integer();
                if (side < 1 || side > largest_side) throw UnsupportedJson();
                columns_.mask_sizes.push(side);
            });
        } else if (key == "counts") {
            found.add(counts);
            if (json_.peek() == '"') {
                code = read_code(json_.string(), columns_.codes);
            } else {
                json_.list([&] {
                    columns_.runs.push(json_.integer());
                    ++runs;
                });
            }
        } else {
            json_.skip();
        }
    });
    if (columns_.mask_sizes.size() != 2 * row + 2 || code + runs == 0) throw UnsupportedJson();
    columns_.code_lengths.push(code);
    columns_.run_lengths.push(runs);
}

}  // namespace heatgrid
