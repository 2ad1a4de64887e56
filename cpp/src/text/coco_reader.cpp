#include "heatgrid/text/coco_reader.hpp"

#include <limits>
#include <string>

#include "heatgrid/text/json_scanner.hpp"

namespace heatgrid {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();
// Among so many annotations at the beginning one must have geometry; the general reader knows what a file
// without is instead.
constexpr std::size_t looked_at = 1000;
// About how many a coordinate takes in text; a good guess spares the memory to be moved.
constexpr std::size_t bytes_a_coordinate = 10;
constexpr std::int64_t largest_side = (std::int64_t{1} << 31) - 1;

// The keys of one object that were seen: none counts twice.
class Keys {
  public:
    void see(unsigned key) {
        if (seen_ >> key & 1) throw Unfamiliar();
        seen_ |= 1U << key;
    }

    [[nodiscard]] bool has(unsigned key) const noexcept { return (seen_ >> key & 1) != 0; }

  private:
    unsigned seen_ = 0;
};

// The place of a name in a list of names, or their number.
template <std::size_t count>
unsigned find(const std::string_view (&names)[count], std::string_view name) noexcept {
    unsigned i = 0;
    while (i < count && names[i] != name) ++i;
    return i;
}

constexpr std::string_view annotation_keys[] = {"segmentation", "bbox",         "image_id", "category_id",
                                                "id",           "iscrowd",      "score",    "keypoints",
                                                "ignore",       "segments_info"};
enum AnnotationKey : unsigned {
    segmentation,
    bbox,
    image_id,
    category_id,
    annotation_id,
    iscrowd,
    score,
    keypoints,
    ignore,
    segments_info
};

constexpr std::string_view image_keys[] = {"id", "file_name", "width", "height", "coco_url"};
enum ImageKey : unsigned { id, file_name, width, height, coco_url };

constexpr std::string_view list_keys[] = {"images", "annotations", "categories"};
enum ListKey : unsigned { images, annotations, categories };

class CocoReader {
  public:
    explicit CocoReader(const JsonScanner& json) noexcept : json_(json) {}

    CocoFile read(std::size_t size) {
        file_.annotations.rings.reserve(size / bytes_a_coordinate);
        Keys lists;
        json_.object([&](std::string_view key) { read_list(key, lists); });
        json_.finish();
        if (!lists.has(images)) throw Unfamiliar();
        if (annotations_read_ > 0 && !has_geometry_) throw Unfamiliar();
        CocoAnnotations& columns = file_.annotations;
        if (columns.scores.size() != 0) columns.scores.pad(annotations_read_, absent);
        if (columns.keypoint_lengths.size() != 0) columns.keypoint_lengths.pad(annotations_read_, 0);
        if (columns.mask_sizes.size() != 0) pad_masks(annotations_read_);
        return std::move(file_);
    }

  private:
    void read_list(std::string_view key, Keys& lists) {
        const unsigned which = find(list_keys, key);
        if (which <= categories) lists.see(which);
        json_.look_ahead();
        switch (which) {
            case images:
                json_.list([this] { read_image(); });
                break;
            case annotations:
                json_.list([this] { read_annotation(); });
                break;
            case categories: {
                if (json_.peek() != '[') throw Unfamiliar();
                const char* const begin = json_.place();
                json_.skip();
                file_.categories.append(begin, static_cast<std::size_t>(json_.place() - begin));
                break;
            }
            default:
                json_.skip_far();
        }
    }

    void pad_masks(std::size_t count) {
        file_.annotations.mask_sizes.pad(2 * count, 0);
        file_.annotations.code_lengths.pad(count, 0);
        file_.annotations.run_lengths.pad(count, 0);
    }

    double number_or_null() { return json_.take_null() ? absent : json_.number(); }

    std::string_view string_or_null() { return json_.take_null() ? std::string_view() : json_.string(); }

    // What is true in Python.
    bool truth_or_null() {
        const char mark = json_.peek();
        if (mark == 't' || mark == 'f') return json_.boolean();
        return !json_.take_null() && json_.number() != 0.0;
    }

    void read_image() {
        json_.look_ahead();
        Keys keys;
        std::int64_t number = 0;
        double sides[2] = {absent, absent};
        std::string_view name;
        std::string_view url;
        json_.object([&](std::string_view key) {
            const unsigned which = find(image_keys, key);
            if (which <= coco_url) keys.see(which);
            switch (which) {
                case id:
                    number = json_.whole();
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
        if (!keys.has(id)) throw Unfamiliar();
        file_.images.ids.push(number);
        file_.images.sizes.append(sides, 2);
        push_name(name, url, number);
    }

    // The file's name, or else the last part of its address, or else the id.
    void push_name(std::string_view name, std::string_view url, std::int64_t number) {
        const std::string digits = name.empty() && url.empty() ? std::to_string(number) : std::string();
        if (name.empty() && !url.empty()) {
            if (url.find('\\') != std::string_view::npos) throw Unfamiliar();
            name = url.substr(url.rfind('/') + 1);
        }
        if (!digits.empty()) name = digits;
        file_.images.names.append(name.data(), name.size());
        file_.images.names.push('\n');
    }

    void read_annotation() {
        json_.look_ahead();
        CocoAnnotations& columns = file_.annotations;
        Keys keys;
        unsigned traits = 0;
        const auto note = [&](CocoTrait trait, bool has) {
            if (has) traits |= static_cast<unsigned>(trait);
        };
        std::int64_t image = 0;
        std::int64_t category = 0;
        std::int64_t own = 0;
        std::int64_t box = 0;
        std::int64_t rings = 0;
        json_.object([&](std::string_view key) {
            const unsigned which = find(annotation_keys, key);
            if (which <= segments_info) keys.see(which);
            switch (which) {
                case segmentation:
                    rings = read_segmentation();
                    break;
                case bbox:
                    box = list_or_null(columns.boxes);
                    break;
                case image_id:
                    image = json_.whole();
                    break;
                case category_id:
                    category = json_.whole();
                    break;
                case annotation_id:
                    if (json_.take_null()) break;
                    own = json_.whole();
                    note(CocoTrait::id, true);
                    break;
                case iscrowd:
                    note(CocoTrait::crowd, truth_or_null());
                    break;
                case score:
                    if (json_.take_null()) break;
                    columns.scores.pad(annotations_read_, absent);
                    columns.scores.push(json_.number());
                    break;
                case keypoints:
                    if (json_.take_null()) break;
                    columns.keypoint_lengths.pad(annotations_read_, 0);
                    columns.keypoint_lengths.push(length(json_.numbers(columns.keypoints)));
                    break;
                case ignore:
                    note(CocoTrait::ignore, truth_or_null());
                    break;
                case segments_info:
                    throw Unfamiliar();
                default:
                    json_.skip();
            }
        });
        if (!keys.has(image_id) || !keys.has(category_id)) throw Unfamiliar();
        const bool geometry = keys.has(bbox) || keys.has(segmentation) || keys.has(keypoints);
        if (annotations_read_++ < looked_at && geometry) has_geometry_ = true;
        columns.image_ids.push(image);
        columns.category_ids.push(category);
        columns.ids.push(own);
        columns.traits.push(static_cast<std::uint8_t>(traits));
        columns.box_lengths.push(box);
        columns.ring_counts.push(rings);
    }

    static std::int64_t length(std::size_t count) { return static_cast<std::int64_t>(count); }

    std::int64_t list_or_null(Column<double>& values) {
        return json_.take_null() ? 0 : length(json_.numbers(values));
    }

    // Returns how many rings there are.
    std::int64_t read_segmentation() {
        const char mark = json_.peek();
        if (mark == '[') return read_rings(file_.annotations);
        if (mark == '{') {
            read_mask(file_.annotations);
        } else if (!json_.take_null()) {
            throw Unfamiliar();
        }
        return 0;
    }

    // A list of rings, or of the numbers of a single one.
    std::int64_t read_rings(CocoAnnotations& columns) {
        if (!json_.is_list_of('[')) {
            const std::size_t count = json_.numbers(columns.rings);
            if (count == 0) return 0;
            columns.ring_lengths.push(length(count));
            return 1;
        }
        std::int64_t rings = 0;
        json_.list([&] {
            columns.ring_lengths.push(length(json_.numbers(columns.rings)));
            ++rings;
        });
        return rings;
    }

    void read_mask(CocoAnnotations& columns) {
        std::int64_t mask[2] = {0, 0};
        std::int64_t code = 0;
        std::int64_t runs = 0;
        Keys keys;
        constexpr unsigned size = 0;
        constexpr unsigned counts = 1;
        json_.object([&](std::string_view key) {
            if (key == "size") {
                keys.see(size);
                std::size_t sides = 0;
                json_.list([&] {
                    const std::int64_t side = json_.whole();
                    if (sides == 2 || side < 1 || side > largest_side) throw Unfamiliar();
                    mask[sides++] = side;
                });
                if (sides != 2) throw Unfamiliar();
            } else if (key == "counts") {
                keys.see(counts);
                if (json_.peek() == '"') {
                    code = read_code(json_.string(), columns.codes);
                } else {
                    json_.list([&] {
                        columns.runs.push(json_.whole());
                        ++runs;
                    });
                }
            } else {
                json_.skip();
            }
        });
        if (!keys.has(size) || code + runs == 0) throw Unfamiliar();
        pad_masks(annotations_read_);
        columns.mask_sizes.append(mask, 2);
        columns.code_lengths.push(code);
        columns.run_lengths.push(runs);
    }

    // The characters of a code, of which the backslash comes escaped.
    static std::int64_t read_code(std::string_view text, Column<std::uint8_t>& codes) {
        const std::size_t before = codes.size();
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\\') {
                ++i;  // an escape has two characters at least
                if (text[i] != '\\') throw Unfamiliar();
            }
            const auto character = static_cast<std::uint8_t>(text[i]);
            if (character >= 0x80) throw Unfamiliar();
            codes.push(character);
        }
        return static_cast<std::int64_t>(codes.size() - before);
    }

    JsonScanner json_;
    CocoFile file_;
    std::size_t annotations_read_ = 0;
    bool has_geometry_ = false;
};

std::optional<CocoFile> read_all(const JsonScanner& json, std::size_t size) {
    try {
        return CocoReader(json).read(size);
    } catch (const Unfamiliar&) {
        return std::nullopt;
    }
}

}  // namespace

std::optional<CocoFile> read_coco(const char* text, std::size_t size) {
    return read_all(JsonScanner(text, text + size), size);
}

std::optional<CocoFile> read_coco(TextWindow& text, std::size_t size) {
    return read_all(JsonScanner(text), size);
}

}  // namespace heatgrid
