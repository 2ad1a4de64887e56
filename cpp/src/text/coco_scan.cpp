#include "heatgrid/text/coco_scan.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "heatgrid/text/json_scanner.hpp"

namespace heatgrid {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t inspected = 1000;          // annotations that tell the kind of file
constexpr std::size_t bytes_per_coordinate = 10;  // a good guess spares moving the column
constexpr std::int64_t largest_side = (std::int64_t{1} << 31) - 1;

// Index of a name, or `count`.
template <std::size_t count>
unsigned find(const std::string_view (&names)[count], std::string_view name) noexcept {
    unsigned i = 0;
    while (i < count && names[i] != name) ++i;
    return i;
}

constexpr std::string_view annotation_keys[] = {
    "segmentation", "bbox",   "image_id",      "category_id", "id",       "iscrowd", "score",
    "keypoints",    "ignore", "segments_info", "attributes",  "rotation", "angle",   "theta"};
enum : unsigned { segmentation, bbox, image_id, category_id, annotation_id, iscrowd };
enum : unsigned { score = iscrowd + 1, keypoints, ignore, segments_info, attributes, rotation, angle, theta };

constexpr std::string_view image_keys[] = {"id", "file_name", "width", "height", "coco_url"};
enum ImageKey : unsigned { id, file_name, width, height, coco_url };

constexpr std::string_view list_keys[] = {"images", "annotations", "categories"};
enum ListKey : unsigned { images, annotations, categories };

class CocoScanner {
  public:
    explicit CocoScanner(TextWindow& text) noexcept : json_(text) {}

    CocoScan scan(std::size_t size) {
        columns_.rings.reserve(size / bytes_per_coordinate);
        KeySet lists;
        json_.object([&](std::string_view key) { read_list(key, lists); });
        json_.expect_end();
        if (!lists.has(images)) throw UnsupportedJson();
        const std::size_t count = columns_.ids.size();
        if (columns_.scores.size() != 0) columns_.scores.pad(count, absent);
        if (columns_.keypoint_lengths.size() != 0) columns_.keypoint_lengths.pad(count, 0);
        if (columns_.mask_sizes.size() != 0) pad_masks(count);
        return {std::move(images_), std::move(columns_), std::move(other_images_),
                std::move(other_annotations_), std::move(categories_)};
    }

  private:
    void read_list(std::string_view key, KeySet& lists) {
        const unsigned which = find(list_keys, key);
        if (which <= categories) lists.add(which);
        json_.refill();
        std::int64_t index = 0;
        switch (which) {
            case images:
                json_.list([&] { read_element(index++, other_images_, [this] { read_image(); }, [] {}); });
                break;
            case annotations:
                json_.list([&] {
                    const CocoAnnotations::FlatSizes before = columns_.flat_sizes();
                    read_element(
                        index, other_annotations_, [&] { read_annotation(index); },
                        [&] { columns_.undo(before); });
                    ++index;
                });
                break;
            case categories: {
                json_.load_value();
                if (json_.peek() != '[') throw UnsupportedJson();
                const std::string_view text = json_.skip();
                categories_.append(text.data(), text.size());
                break;
            }
            default:
                json_.skip_long();
        }
    }

    // Reads an element of a list into columns; undoes this and keeps the text if it is not understood.
    template <class Read, class Undo>
    void read_element(std::int64_t index, CocoRemainder& remainder, const Read& read, const Undo& undo) {
        json_.refill();
        do {
            const char* const begin = json_.position();
            try {
                read();
                return;
            } catch (const UnsupportedJson&) {
                undo();
                json_.rewind(begin);
            }
        } while (json_.load_value());  // it was longer than the window
        const std::string_view text = json_.skip();
        remainder.indices.push(index);
        remainder.text.append(text.data(), text.size());
        remainder.text.push(',');
    }

    void pad_masks(std::size_t count) {
        columns_.mask_sizes.pad(2 * count, 0);
        columns_.code_lengths.pad(count, 0);
        columns_.run_lengths.pad(count, 0);
    }

    double number_or_null() { return json_.take_null() ? absent : json_.number(); }

    std::string_view string_or_null() { return json_.take_null() ? std::string_view() : json_.string(); }

    // Truth of a boolean, number or null in Python.
    bool truth() {
        const char mark = json_.peek();
        if (mark == 't' || mark == 'f') return json_.boolean();
        return !json_.take_null() && json_.number() != 0.0;
    }

    void read_image() {
        KeySet keys;
        std::int64_t number = 0;
        double sides[2] = {absent, absent};
        std::string_view name;
        std::string_view url;
        json_.object([&](std::string_view key) {
            const unsigned which = find(image_keys, key);
            if (which <= coco_url) keys.add(which);
            switch (which) {
                case id:
                    number = json_.integer();
                    break;
                case file_name:
                    name = string_or_null();
                    break;
                case width:
                case height:
                    sides[which - width] = number_or_null();
                    break;
                case coco_url:
                    url = string_or_null();
                    break;
                default:
                    json_.skip();
            }
        });
        if (!keys.has(id)) throw UnsupportedJson();
        if (name.empty() && url.find('\\') != std::string_view::npos) throw UnsupportedJson();
        if (name.empty()) name = url.substr(url.rfind('/') + 1);
        const std::string digits = url.empty() && name.empty() ? std::to_string(number) : std::string();
        if (!digits.empty()) name = digits;
        images_.ids.push(number);
        images_.sizes.append(sides, 2);
        images_.names.append(name.data(), name.size());
        images_.names.push('\n');
    }

    void read_annotation(std::int64_t index) {
        const std::size_t row = columns_.ids.size();
        KeySet keys;
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
            const unsigned which = find(annotation_keys, key);
            if (which <= segments_info) keys.add(which);
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
                    columns_.scores.pad(row, absent);
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
                    if (index < inspected && key == "caption") columns_.has_captions = true;
                    json_.skip();
            }
        });
        if (!keys.has(image_id) || !keys.has(category_id)) throw UnsupportedJson();
        const bool has_geometry = keys.has(bbox) || keys.has(segmentation) || keys.has(keypoints);
        if (index < inspected && has_geometry) columns_.has_geometry = true;
        columns_.image_ids.push(image);
        columns_.category_ids.push(category);
        columns_.ids.push(own);
        columns_.traits.push(static_cast<std::uint8_t>(traits));
        columns_.box_lengths.push(box);
        columns_.ring_counts.push(rings);
    }

    // Looks for the rotation that CVAT writes.
    void read_attributes() {
        if (json_.peek() != '{') return static_cast<void>(json_.skip());
        json_.object([&](std::string_view key) {
            if (key != annotation_keys[rotation]) {
                json_.skip();
            } else if (truth()) {
                throw UnsupportedJson();
            }
        });
    }

    // Returns the number of rings.
    std::int64_t read_segmentation(std::size_t row) {
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
    std::int64_t read_rings() {
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

    void read_mask(std::size_t row) {
        constexpr unsigned size = 0;
        constexpr unsigned counts = 1;
        std::int64_t code = 0;
        std::int64_t runs = 0;
        pad_masks(row);
        KeySet keys;
        json_.object([&](std::string_view key) {
            if (key == "size") {
                keys.add(size);
                json_.list([&] {
                    const std::int64_t side = json_.integer();
                    if (side < 1 || side > largest_side) throw UnsupportedJson();
                    columns_.mask_sizes.push(side);
                });
            } else if (key == "counts") {
                keys.add(counts);
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

    // Copies the characters of a compressed code; the only escape in it is that of the backslash.
    static std::int64_t read_code(std::string_view text, Column<std::uint8_t>& codes) {
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

    JsonScanner json_;
    CocoImages images_;
    CocoAnnotations columns_;
    CocoRemainder other_images_;
    CocoRemainder other_annotations_;
    Column<char> categories_;
};

}  // namespace

std::optional<CocoScan> scan_coco(TextWindow& text, std::size_t size) {
    try {
        return CocoScanner(text).scan(size);
    } catch (const UnsupportedJson&) {
        return std::nullopt;
    }
}

}  // namespace heatgrid
