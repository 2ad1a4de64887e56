#include "heatgrid/text/json_scanner.hpp"

#include <algorithm>
#include <bitset>

#include "heatgrid/simd/bits.hpp"
#include "heatgrid/text/text_block.hpp"

namespace heatgrid {
namespace {

// The high bit of every byte that is zero, up to the first of them; what is above may be wrong.
constexpr std::uint64_t zeros(std::uint64_t word) noexcept {
    return (word - each_byte(1)) & ~word & each_byte(0x80);
}

// The high bit of a byte that ends a run of plain characters: a quote, a backslash, a control character.
constexpr std::uint64_t marks(std::uint64_t word) noexcept {
    const std::uint64_t control = (word - each_byte(0x20)) & ~word & each_byte(0x80);
    return zeros(word ^ each_byte('"')) | zeros(word ^ each_byte('\\')) | control;
}

const char* skip_plain(const char* text, const char* end) noexcept {
    while (end - text >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        const std::uint64_t found = marks(word);
        if (found != 0 && first_byte_is_lowest) return text + lowest_bit(found) / 8;
        if (found != 0) break;
        text += 8;
    }
    while (text != end && *text != '"' && *text != '\\' && static_cast<unsigned char>(*text) >= 0x20) ++text;
    return text;
}

bool is_hexadecimal(char c) noexcept {
    return static_cast<unsigned char>(c - '0') < 10 || static_cast<unsigned char>((c | 0x20) - 'a') < 6;
}

}  // namespace

// The place is kept in a register: as a member it would be stored and loaded again with every number.
std::size_t JsonScanner::numbers(Column<double>& values) {
    expect('[');
    if (take(']')) return 0;
    const std::size_t before = values.size();
    const char* text = next_;
    for (;;) {
        const char* after = wait_ == 0 ? take_short_numbers(text, values) : text;
        if (after == text) {
            double value = 0.0;
            after = take_number(text, value);
            values.push(value);
            if (wait_ != 0) --wait_;
        }
        if (end_ - after > 2 && after[0] == ',' && after[1] == ' ' && after[2] > ' ') {  // as exporters write
            text = after + 2;
            continue;
        }
        text = past_space(after);
        if (text == end_ || *text != ',') break;
        text = past_space(text + 1);
    }
    next_ = text;
    expect(']');
    return values.size() - before;
}

// Where numbers are long, or far apart, looking for short ones takes longer than it spares: it is put off,
// twice as long from time to time.
const char* JsonScanner::take_short_numbers(const char* text, Column<double>& values) {
    constexpr unsigned few = 4;
    constexpr unsigned longest = 1024;
    const std::size_t before = values.size();
    const char* const after = read_short_decimals(text, end_, values);
    const bool is_worth_it = values.size() - before >= few || (after != end_ && *after == ']');
    pause_ = is_worth_it ? 0 : std::min(2 * pause_ + few, longest);
    wait_ = pause_;
    return after;
}

double JsonScanner::number() {
    double value = 0.0;
    next_ = take_number(place(), value);
    return value;
}

std::int64_t JsonScanner::whole() {
    const bool is_negative = peek() == '-';
    const char* text = next_ + (is_negative ? 1 : 0);
    const char* const first = text;
    std::int64_t value = 0;
    for (; text != end_ && static_cast<unsigned char>(*text - '0') < 10; ++text) {
        if (text - first == 18) throw Unfamiliar();
        value = 10 * value + (*text - '0');
    }
    if (text == first || (*first == '0' && text - first > 1)) throw Unfamiliar();
    if (text != end_ && (*text == '.' || *text == 'e' || *text == 'E')) throw Unfamiliar();
    next_ = text;
    return is_negative ? -value : value;
}

bool JsonScanner::take_word(std::string_view word) noexcept {
    if (static_cast<std::size_t>(end_ - next_) < word.size()) return false;
    if (std::string_view(next_, word.size()) != word) return false;
    next_ += word.size();
    return true;
}

bool JsonScanner::take_null() { return peek() == 'n' && take_word("null"); }

bool JsonScanner::boolean() {
    if (peek() == 't' && take_word("true")) return true;
    if (!take_word("false")) throw Unfamiliar();
    return false;
}

std::string_view JsonScanner::string() {
    expect('"');
    const char* const begin = next_;
    for (;;) {
        next_ = skip_plain(next_, end_);
        if (next_ == end_) throw Unfamiliar();
        if (*next_ == '"') break;
        escape();
    }
    const char* const stop = next_++;
    return {begin, static_cast<std::size_t>(stop - begin)};
}

void JsonScanner::escape() {
    if (*next_ != '\\' || end_ - next_ < 2) throw Unfamiliar();
    const char kind = next_[1];
    next_ += 2;
    if (kind == 'u') {
        for (int i = 0; i < 4; ++i, ++next_) {
            if (next_ == end_ || !is_hexadecimal(*next_)) throw Unfamiliar();
        }
    } else if (std::string_view("\"\\/bfnrt").find(kind) == std::string_view::npos) {
        throw Unfamiliar();
    }
}

std::string_view JsonScanner::key() {
    expect('"');
    const char* const begin = next_;
    next_ = skip_plain(next_, end_);
    if (next_ == end_ || *next_ != '"') throw Unfamiliar();
    const char* const stop = next_++;
    return {begin, static_cast<std::size_t>(stop - begin)};
}

void JsonScanner::skip_key() {
    string();
    expect(':');
}

void JsonScanner::scalar() {
    switch (peek()) {
        case '"':
            string();
            break;
        case 't':
        case 'f':
            boolean();
            break;
        case 'n':
            if (!take_null()) throw Unfamiliar();
            break;
        default:
            number();
    }
}

// An open object is a set bit, an open list one that is not.
template <bool looks_ahead>
void JsonScanner::skip_value() {
    std::bitset<max_depth> objects;
    std::size_t depth = 0;
    for (;;) {
        if constexpr (looks_ahead) look_ahead();
        const char mark = peek();
        if (mark == '{' || mark == '[') {
            if (depth == max_depth) throw Unfamiliar();
            ++next_;
            const bool is_object = mark == '{';
            if (!take(is_object ? '}' : ']')) {
                objects[depth++] = is_object;
                if (is_object) skip_key();
                continue;
            }
        } else {
            scalar();
        }
        while (depth > 0 && !take(',')) {
            expect(objects[depth - 1] ? '}' : ']');
            --depth;
        }
        if (depth == 0) return;
        if (objects[depth - 1]) skip_key();
    }
}

void JsonScanner::skip() { skip_value<false>(); }

void JsonScanner::skip_far() { skip_value<true>(); }

void JsonScanner::finish() {
    skip_space();
    if (next_ != end_) throw Unfamiliar();
}

}  // namespace heatgrid
