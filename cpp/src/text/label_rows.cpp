#include "heatgrid/text/label_rows.hpp"

#include <algorithm>

#if defined(_WIN32)
#include <filesystem>
#include <fstream>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include "heatgrid/text/decimal.hpp"
#include "heatgrid/text/decimal_list.hpp"
#include "heatgrid/threads/interrupt.hpp"
#include "heatgrid/threads/parallel.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t steps_per_row = 50;
constexpr std::size_t steps_per_file = 20'000;
constexpr std::size_t sample = 16;  // files that tell how much memory the others need
constexpr std::size_t most_reserved = std::size_t{1} << 23;  // values

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }

// Appends the numbers of a line; returns the end of the line, or null if anything is not a number.
const char* take_row(const char* text, const char* end, DecimalList& list, Column<double>& values) {
    for (;;) {
        while (text != end && is_blank(*text)) ++text;
        if (text == end || is_line_end(*text)) return text;
        if (const char* const after = list.read(text, end, values); after != text) {
            text = after;
            continue;
        }
        double value = 0.0;
        text = read_decimal(text, end, value);
        if (text == nullptr || (text != end && !is_blank(*text) && !is_line_end(*text))) return nullptr;
        values.push(value);
    }
}

// Reads a regular file into `content`, reusing its memory. Returns false if it is not a regular file, has
// more than `max_bytes` bytes, or cannot be read at once.
#if defined(_WIN32)
bool read_file(const std::string& path, std::size_t max_bytes, std::vector<char>& content) {
    const std::filesystem::path file = std::filesystem::u8path(path);
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) return false;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size > max_bytes) return false;
    content.resize(static_cast<std::size_t>(size));
    std::ifstream stream(file, std::ios::binary);
    return stream.read(content.data(), static_cast<std::streamsize>(size)).good() || size == 0;
}
#else
struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) close(number);
    }
};

bool read_file(const std::string& path, std::size_t max_bytes, std::vector<char>& content) {
    if (path.find('\0') != std::string::npos) return false;
    const Descriptor file{open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};  // no wait for a named pipe
    struct stat status{};
    if (file.number < 0 || fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > max_bytes) return false;
    content.resize(size + 1);  // one more, to find the end with the same call
    const auto count = read(file.number, content.data(), size + 1);
    content.resize(size);
    return count >= 0 && static_cast<std::size_t>(count) == size;
}
#endif

template <class Value>
void append(Column<Value>& all, const Column<Value>& more) {
    all.append(more.data(), more.size());
}

}  // namespace

bool parse_label_rows(const char* text, std::size_t size, std::int64_t file, LabelRows& rows) {
    const char* const end = text + size;
    const std::size_t values_before = rows.values.size();
    const std::size_t rows_before = rows.lengths.size();
    DecimalList list(' ', '\n');
    Checkpoint check;
    for (std::int64_t line = 1; text != end; ++line) {
        check(steps_per_row);
        const std::size_t begin = rows.values.size();
        text = take_row(text, end, list, rows.values);
        if (text == nullptr) {
            rows.values.cut(values_before);
            rows.lengths.cut(rows_before);
            rows.file.cut(rows_before);
            rows.line.cut(rows_before);
            return false;
        }
        if (rows.values.size() != begin) {
            rows.lengths.push(static_cast<std::int64_t>(rows.values.size() - begin));
            rows.file.push(file);
            rows.line.push(line);
        }
        if (text == end) break;
        text += *text == '\r' && end - text > 1 && text[1] == '\n' ? 2 : 1;
    }
    return true;
}

LabelFiles read_label_files(const std::vector<LabelFile>& sources, std::size_t max_bytes,
                            std::size_t workers) {
    std::vector<LabelFiles> parts(workers);
    share(sources.size(), workers, [&](std::size_t worker, std::size_t begin, std::size_t end) {
        LabelFiles& own = parts[worker];
        std::vector<char> content;
        Checkpoint check;
        for (std::size_t i = begin; i < end; ++i) {
            check(steps_per_file);
            const auto file = static_cast<std::int64_t>(i);
            const auto* text = std::get_if<std::string_view>(&sources[i]);
            std::string_view rows;
            bool is_read = text != nullptr;
            if (is_read) {
                rows = *text;
            } else if (read_file(std::get<std::string>(sources[i]), max_bytes, content)) {
                rows = {content.data(), content.size()};
                is_read = true;
            }
            if (!is_read || !parse_label_rows(rows.data(), rows.size(), file, own.rows)) own.left.push(file);
            if (i == begin + sample) {  // growing columns of some megabytes would be copied
                const std::size_t expected = own.rows.values.size() / sample * (end - begin);
                own.rows.values.reserve(std::min(expected, most_reserved));
            }
        }
    });
    LabelFiles all = std::move(parts[0]);
    for (std::size_t i = 1; i < parts.size(); ++i) {
        append(all.rows.values, parts[i].rows.values);
        append(all.rows.lengths, parts[i].rows.lengths);
        append(all.rows.file, parts[i].rows.file);
        append(all.rows.line, parts[i].rows.line);
        append(all.left, parts[i].left);
        parts[i] = LabelFiles();
    }
    return all;
}

}  // namespace heatgrid
