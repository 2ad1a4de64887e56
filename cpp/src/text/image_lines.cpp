#include "heatgrid/text/image_lines.hpp"

#include <cstring>
#include <iterator>
#include <limits>
#include <string_view>

#include "heatgrid/text/json_scanner.hpp"
#include "heatgrid/threads/interrupt.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t steps_per_byte = 1;
constexpr double absent = std::numeric_limits<double>::quiet_NaN();
constexpr std::int64_t no_list = -1;

constexpr std::string_view list_keys[] = {"boxes", "segments", "obb", "pose", "keypoints"};
constexpr std::string_view image_keys[] = {"type", "file", "width", "height", "split", "annotations"};
enum ImageKey : unsigned { type, file, width, height, split, annotations };

class LineScanner {
  public:
    LineScanner(const char* begin, const char* end, ImageLines& found) noexcept
        : json_(begin, end), found_(found) {}

    // Appends the image of the line; throws UnsupportedJson after it may have appended a part of it.
    void read(std::int64_t line) {
        json_.object([&](std::string_view key) { read_member(key); });
        json_.expect_end();
        if (!keys_.has(type)) throw UnsupportedJson();
        found_.lines.push(line);
        found_.sizes.push(width_);
        found_.sizes.push(height_);
        append(name_, found_.names);
        append(split_, found_.splits);
        found_.kinds.push(kind_);
        found_.rows.push(rows_);
    }

  private:
    void read_member(std::string_view key) {
        const unsigned which = index_of(key, image_keys);
        if (which <= annotations) keys_.add(which);
        switch (which) {
            case type:
                if (json_.string() != "image") throw UnsupportedJson();
                return;
            case file:
                name_ = plain_string();
                return;
            case split:
                split_ = plain_string();
                return;
            case width:
                width_ = json_.number();
                return;
            case height:
                height_ = json_.number();
                return;
            case annotations:
                json_.object([&](std::string_view list) { read_list(list); });
                return;
            default:
                if (key == "class_names") throw UnsupportedJson();
                json_.skip();
        }
    }

    void read_list(std::string_view key) {
        const unsigned which = index_of(key, list_keys);
        if (which == std::size(list_keys)) {
            json_.skip();
            return;
        }
        if (kind_ != no_list) throw UnsupportedJson();
        kind_ = which;
        json_.list([&] {
            const std::int64_t count = json_.numbers(found_.values);
            if (count == 0) throw UnsupportedJson();
            found_.lengths.push(count);
            ++rows_;
        });
    }

    std::string_view plain_string() {
        const std::string_view text = json_.string();
        if (text.find('\\') != std::string_view::npos) throw UnsupportedJson();
        return text;
    }

    static void append(std::string_view text, Column<char>& texts) {
        texts.append(text.data(), text.size());
        texts.push('\n');
    }

    JsonScanner json_;
    ImageLines& found_;
    KeySet keys_;
    std::string_view name_;
    std::string_view split_;
    double width_ = absent;
    double height_ = absent;
    std::int64_t kind_ = no_list;
    std::int64_t rows_ = 0;
};

bool is_blank(const char* begin, const char* end) noexcept {
    while (begin != end && (*begin == ' ' || *begin == '\t' || *begin == '\r')) ++begin;
    return begin == end;
}

}  // namespace

ImageLines scan_image_lines(const char* text, std::size_t size) {
    ImageLines found;
    const char* const end = text + size;
    Checkpoint check;
    const char* begin = text;
    for (; begin != end; ++found.count) {
        const std::int64_t line = found.count;
        const auto* const mark =
            static_cast<const char*>(std::memchr(begin, '\n', static_cast<std::size_t>(end - begin)));
        const char* const stop = mark == nullptr ? end : mark;
        check(static_cast<std::size_t>(stop - begin) * steps_per_byte + 1);
        if (!is_blank(begin, stop)) {
            const std::size_t values = found.values.size();
            const std::size_t lengths = found.lengths.size();
            try {
                LineScanner(begin, stop, found).read(line);
            } catch (const UnsupportedJson&) {
                found.values.cut(values);
                found.lengths.cut(lengths);
                found.others.push(line);
                found.bounds.push(begin - text);
                found.bounds.push(stop - text);
            }
        }
        begin = mark == nullptr ? end : mark + 1;
    }
    return found;
}

}  // namespace heatgrid
