#include "heatgrid/text/coco_scan.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "heatgrid/text/coco_annotation.hpp"
#include "heatgrid/text/json_scanner.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {
namespace {

constexpr double absent = CocoAnnotations::absent;
constexpr std::size_t bytes_per_coordinate = 10;  // a good guess spares moving the column

constexpr std::string_view image_keys[] = {"id", "file_name", "width", "height", "coco_url"};
enum ImageKey : unsigned { id, file_name, width, height, coco_url };

constexpr std::string_view list_keys[] = {"images", "annotations", "categories"};
enum ListKey : unsigned { images, annotations, categories };

// Scanner of a document, or of a part of one that ends between two annotations.
class CocoScanner {
  public:
    CocoScanner(TextWindow& text, bool is_first, bool is_last) noexcept
        : json_(text), is_first_(is_first), is_last_(is_last) {}

    /// Reads the text; columns that few annotations have may be short.
    void scan() {
        const auto member = [this](std::string_view key) { read_list(key); };
        try {
            if (is_first_) {
                json_.object(member);
            } else {
                lists_.add(annotations);
                json_.rest_of_list([this] { read_next_annotation(); });
                json_.rest_of_object(member);
            }
        } catch (const EndOfPart&) {
            return;
        }
        json_.expect_end();
        if (!is_last_) throw UnsupportedJson();
    }

    /// Reserves memory for the annotations of a text of this size.
    void reserve(std::size_t size) { columns_.rings.reserve(size / bytes_per_coordinate); }

    /// Appends what the scanner of the next part has read.
    void append(CocoScanner&& next) {
        for (const ListKey key : {images, categories}) {
            if (next.lists_.has(key)) lists_.add(key);
        }
        scan_.append(std::move(next.scan_), index_);
        index_ += next.index_;
    }

    /// Returns the columns, all of their full length.
    CocoScan finish() {
        if (!lists_.has(images)) throw UnsupportedJson();
        columns_.complete();
        return std::move(scan_);
    }

  private:
    struct EndOfPart : std::exception {};

    void read_list(std::string_view key) {
        const unsigned which = index_of(key, list_keys);
        if (which <= categories) lists_.add(which);
        json_.refill();
        switch (which) {
            case images: {
                std::int64_t index = 0;
                json_.list(
                    [&] { read_element(index++, scan_.other_images, [this] { read_image(); }, [] {}); });
                break;
            }
            case annotations:
                json_.list([this] { read_next_annotation(); });
                break;
            case categories: {
                json_.load_value();
                if (json_.peek() != '[') throw UnsupportedJson();
                const std::string_view text = json_.skip();
                scan_.categories.append(text.data(), text.size());
                break;
            }
            default:
                json_.skip_long();
        }
    }

    void read_next_annotation() {
        json_.refill();
        if (!is_last_ && json_.is_at_end()) throw EndOfPart();
        const CocoAnnotations::Sizes before = columns_.sizes();
        read_element(
            index_, scan_.other_annotations, [this] { annotation_.read(index_); },
            [&] { columns_.undo(before); });
        ++index_;
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

    double number_or_null() { return json_.take_null() ? absent : json_.number(); }

    std::string_view string_or_null() { return json_.take_null() ? std::string_view() : json_.string(); }

    void read_image() {
        KeySet keys;
        std::int64_t number = 0;
        double sides[2] = {absent, absent};
        std::string_view name;
        std::string_view url;
        json_.object([&](std::string_view key) {
            const unsigned which = index_of(key, image_keys);
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
        scan_.images.ids.push(number);
        scan_.images.sizes.append(sides, 2);
        scan_.images.names.append(name.data(), name.size());
        scan_.images.names.push('\n');
    }

    JsonScanner json_;
    const bool is_first_;
    const bool is_last_;
    KeySet lists_;
    std::int64_t index_ = 0;  // of the next annotation
    CocoScan scan_;
    CocoAnnotations& columns_ = scan_.annotations;
    CocoAnnotationReader annotation_{json_, columns_};
};

}  // namespace

std::optional<CocoScan> scan_coco(const std::vector<TextWindow*>& texts, std::size_t size) {
    const std::size_t count = texts.size();
    std::vector<std::unique_ptr<CocoScanner>> parts;
    for (std::size_t i = 0; i < count; ++i) {
        parts.push_back(std::make_unique<CocoScanner>(*texts[i], i == 0, i + 1 == count));
        parts[i]->reserve(i == 0 ? size : size / count);  // the first receives all
    }
    std::atomic<bool> is_supported{true};
    share(count, count, [&](std::size_t /*worker*/, std::size_t begin, std::size_t end) {
        try {
            for (std::size_t i = begin; i < end; ++i) parts[i]->scan();
        } catch (const UnsupportedJson&) {
            is_supported = false;
        }
    });
    if (!is_supported) return std::nullopt;
    try {
        for (std::size_t i = 1; i < count; ++i) {
            parts.front()->append(std::move(*parts[i]));
            parts[i].reset();
        }
        return parts.front()->finish();
    } catch (const UnsupportedJson&) {
        return std::nullopt;
    }
}

std::optional<CocoScan> scan_coco(TextWindow& text, std::size_t size) { return scan_coco({&text}, size); }

}  // namespace heatgrid
