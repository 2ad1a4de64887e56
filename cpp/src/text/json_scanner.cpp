#include "heatgrid/text/json_scanner.hpp"

#include <bitset>

#include "heatgrid/simd/bits.hpp"

namespace heatgrid {
namespace {

// High bit of each zero byte, valid up to the first one.
constexpr std::uint64_t zero_bytes(std::uint64_t word) noexcept {
    return (word - each_byte(1)) & ~word & each_byte(0x80);
}

// High bit of the first quote, backslash or control character.
constexpr std::uint64_t special_bytes(std::uint64_t word) noexcept {
    const std::uint64_t control = (word - each_byte(0x20)) & ~word & each_byte(0x80);
    return zero_bytes(word ^ each_byte('"')) | zero_bytes(word ^ each_byte('\\')) | control;
}

// Skips string content up to a quote, backslash or control character.
const char* skip_ordinary(const char* text, const char* end) noexcept {
    while (end - text >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        const std::uint64_t special = special_bytes(word);
        if (special != 0 && first_byte_is_lowest) return text + lowest_bit(special) / 8;
        if (special != 0) break;
        text += 8;
    }
    while (text != end && *text != '"' && *text != '\\' && static_cast<unsigned char>(*text) >= 0x20) ++text;
    return text;
}

bool is_hexadecimal(char c) noexcept {
    return static_cast<unsigned char>(c - '0') < 10 || static_cast<unsigned char>((c | 0x20) - 'a') < 6;
}

}  // namespace

bool JsonScanner::load_value() {
    for (bool is_enlarged = false;; is_enlarged = true) {
        const char* const begin = position();
        const bool has_more = window_ != nullptr && !window_->is_last();
        try {
            skip();
            const bool is_complete = next_ != end_ || !has_more;
            next_ = begin;
            if (is_complete) return is_enlarged;
        } catch (const UnsupportedJson&) {
            if (!has_more) throw;
        }
        window_->enlarge(begin);
        reset_to_window();
    }
}

// A local position stays in a register; the member would be stored and loaded with every number.
std::int64_t JsonScanner::numbers(Column<double>& values) {
    expect('[');
    if (take(']')) return 0;
    const std::size_t before = values.size();
    const char* text = next_;
    for (;;) {
        const char* after = list_.read(text, end_, values);
        if (after == text) {
            double value = 0.0;
            after = take_number(text, value);
            values.push(value);
        }
        if (end_ - after > 2 && after[0] == ',' && after[1] == ' ' && after[2] > ' ') {  // the usual style
            text = after + 2;
            continue;
        }
        text = past_space(after);
        if (text == end_ || *text != ',') break;
        text = past_space(text + 1);
    }
    next_ = text;
    expect(']');
    return static_cast<std::int64_t>(values.size() - before);
}

double JsonScanner::number() {
    double value = 0.0;
    next_ = take_number(position(), value);
    return value;
}

std::int64_t JsonScanner::integer() {
    const bool is_negative = peek() == '-';
    const char* text = next_ + (is_negative ? 1 : 0);
    const char* const first = text;
    std::int64_t value = 0;
    for (; text != end_ && static_cast<unsigned char>(*text - '0') < 10; ++text) {
        if (text - first == 18) throw UnsupportedJson();
        value = 10 * value + (*text - '0');
    }
    if (text == first || (*first == '0' && text - first > 1)) throw UnsupportedJson();
    if (text != end_ && (*text == '.' || *text == 'e' || *text == 'E')) throw UnsupportedJson();
    next_ = text;
    return is_negative ? -value : value;
}

bool JsonScanner::take_word(std::string_view word) noexcept {
    if (static_cast<std::size_t>(end_ - next_) < word.size()) return false;
    if (std::string_view(next_, word.size()) != word) return false;
    next_ += word.size();
    return true;
}

void JsonScanner::expect_word(std::string_view word) {
    if (!take_word(word)) throw UnsupportedJson();
}

bool JsonScanner::take_null() { return peek() == 'n' && take_word("null"); }

bool JsonScanner::boolean() {
    if (peek() == 't' && take_word("true")) return true;
    expect_word("false");
    return false;
}

std::string_view JsonScanner::string() {
    expect('"');
    const char* const begin = next_;
    for (;;) {
        next_ = skip_ordinary(next_, end_);
        if (next_ == end_) throw UnsupportedJson();
        if (*next_ == '"') break;
        skip_escape();
    }
    const char* const stop = next_++;
    return {begin, static_cast<std::size_t>(stop - begin)};
}

void JsonScanner::skip_escape() {
    if (*next_ != '\\' || end_ - next_ < 2) throw UnsupportedJson();
    const char kind = next_[1];
    next_ += 2;
    if (kind == 'u') {
        for (int i = 0; i < 4; ++i, ++next_) {
            if (next_ == end_ || !is_hexadecimal(*next_)) throw UnsupportedJson();
        }
    } else if (std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) {
        throw UnsupportedJson();
    }
}

std::string_view JsonScanner::key() {
    expect('"');
    const char* const begin = next_;
    next_ = skip_ordinary(next_, end_);
    if (next_ == end_ || *next_ != '"') throw UnsupportedJson();
    const char* const stop = next_++;
    return {begin, static_cast<std::size_t>(stop - begin)};
}

void JsonScanner::skip_key() {
    string();
    expect(':');
}

// Enlarges the window for a long scalar if `is_long`.
template <bool is_long>
void JsonScanner::skip_scalar() {
    const char* const begin = next_;
    try {
        skip_scalar();
    } catch (const UnsupportedJson&) {
        next_ = begin;
        if (!is_long || !load_value()) throw;
        skip_scalar();
    }
}

// Python's json accepts NaN, Infinity and -Infinity, too.
void JsonScanner::skip_scalar() {
    switch (peek()) {
        case '"':
            string();
            break;
        case 't':
        case 'f':
            boolean();
            break;
        case 'n':
            expect_word("null");
            break;
        case 'N':
            expect_word("NaN");
            break;
        case 'I':
            expect_word("Infinity");
            break;
        default:
            if (!take_word("-Infinity")) number();
    }
}

// The bits tell open objects (1) from open lists (0).
template <bool is_long>
void JsonScanner::skip_value() {
    std::bitset<max_depth> objects;
    std::size_t depth = 0;
    for (;;) {
        if constexpr (is_long) refill();
        const char mark = peek();
        if (mark == '{' || mark == '[') {
            if (depth == max_depth) throw UnsupportedJson();
            ++next_;
            const bool is_object = mark == '{';
            if (!take(is_object ? '}' : ']')) {
                objects[depth++] = is_object;
                if (is_object) skip_key();
                continue;
            }
        } else {
            skip_scalar<is_long>();
        }
        while (depth > 0 && !take(',')) {
            expect(objects[depth - 1] ? '}' : ']');
            --depth;
        }
        if (depth == 0) return;
        if (objects[depth - 1]) skip_key();
    }
}

std::string_view JsonScanner::skip() {
    const char* const begin = position();
    skip_value<false>();
    return {begin, static_cast<std::size_t>(next_ - begin)};
}

void JsonScanner::skip_long() { skip_value<true>(); }

void JsonScanner::expect_end() {
    skip_space();
    while (next_ == end_ && window_ != nullptr && !window_->is_last()) {
        refill();
        skip_space();
    }
    if (next_ != end_) throw UnsupportedJson();
}

}  // namespace heatgrid
