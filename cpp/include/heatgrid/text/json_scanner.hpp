#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string_view>

#include "heatgrid/text/column.hpp"
#include "heatgrid/text/decimal.hpp"
#include "heatgrid/text/decimal_list.hpp"
#include "heatgrid/text/text_window.hpp"

namespace heatgrid {

/// The text is not JSON, or it is JSON of a kind that the scanner does not read.
class UnsupportedJson : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "unsupported JSON"; }
};

/// Keys of an object read so far, each at most once. A key is a number below 32.
class KeySet {
  public:
    void add(unsigned key) {
        if (has(key)) throw UnsupportedJson();
        keys_ |= 1U << key;
    }

    [[nodiscard]] bool has(unsigned key) const noexcept { return (keys_ >> key & 1) != 0; }

  private:
    unsigned keys_ = 0;
};

/// Index of a key, or `count`.
template <std::size_t count>
unsigned index_of(std::string_view key, const std::string_view (&keys)[count]) noexcept {
    unsigned i = 0;
    while (i < count && keys[i] != key) ++i;
    return i;
}

/// JSON scanner for documents of a known structure: the caller reads the values that it expects, in place,
/// and skips the others.
///
/// Everything that it accepts, Python's `json` accepts, too. It refuses with UnsupportedJson: keys with
/// escapes, nesting deeper than `max_depth`, NaN and Infinity where a number is read (they can be skipped),
/// and everything that is not JSON. Strings are returned undecoded: the bytes between the quotes, without
/// control characters and with well-formed escapes; UTF-8 is not checked.
///
/// Cost: proportional to the text. Never reads past the end; skipping does not recurse. AVX2 reads
/// lists of short numbers, see decimal_list_avx2.hpp.
class JsonScanner {
  public:
    static constexpr std::size_t max_depth = 256;

    JsonScanner(const char* begin, const char* end) noexcept : next_(begin), end_(end) {}

    /// Scans a text that is read in pieces; `window` must outlive the scanner.
    explicit JsonScanner(TextWindow& window) noexcept
        : next_(window.begin()), end_(window.end()), window_(&window) {}

    /// Refills the window when it runs short. Invalidates all pointers into the text.
    void refill() {
        if (window_ == nullptr || !window_->is_short(next_)) return;
        window_->refill(next_);
        reset_to_window();
    }

    /// Enlarges the window until it contains the whole next value. Returns whether it changed, which
    /// invalidates all pointers into the text. Throws UnsupportedJson if the value cannot be skipped.
    bool load_value();

    /// Position of the next value or mark.
    [[nodiscard]] const char* position() {
        skip_space();
        return next_;
    }

    /// Continues at a position returned before.
    void rewind(const char* position) noexcept { next_ = position; }

    /// First character of the next value or mark.
    [[nodiscard]] char peek() {
        skip_space();
        if (next_ == end_) throw UnsupportedJson();
        return *next_;
    }

    /// Whether the next value is a list whose first element begins with `mark`.
    [[nodiscard]] bool is_list_of(char mark) const {
        JsonScanner inside = *this;
        return inside.take('[') && inside.peek() == mark;
    }

    /// Calls member(key), which must read or skip one value, for each member of an object.
    template <class Member>
    void object(const Member& member) {
        expect('{');
        if (take('}')) return;
        read_member(member);
        rest_of_object(member);
    }

    /// The same for the members that follow, if one was read.
    template <class Member>
    void rest_of_object(const Member& member) {
        while (take(',')) read_member(member);
        expect('}');
    }

    /// Calls element(), which must read or skip one value, for each element of a list.
    template <class Element>
    void list(const Element& element) {
        expect('[');
        if (!take(']')) rest_of_list(element);
    }

    /// The same for the elements from the next one on.
    template <class Element>
    void rest_of_list(const Element& element) {
        do element();
        while (take(','));
        expect(']');
    }

    /// Appends a list of numbers to `values`; returns their count.
    std::int64_t numbers(Column<double>& values);

    double number();

    /// Reads an integer of at most 18 digits.
    std::int64_t integer();

    /// Reads null, if it is next; returns whether it was.
    bool take_null();

    bool boolean();

    /// Reads a string; returns the bytes between the quotes, escapes included.
    std::string_view string();

    /// Skips one value, which must lie in the window; returns its text.
    std::string_view skip();

    /// Skips one value of any length; refills the window on the way.
    void skip_long();

    /// Whether only white space follows, as far as the text is in the window.
    [[nodiscard]] bool is_at_end() noexcept {
        skip_space();
        return next_ == end_ && (window_ == nullptr || window_->is_last());
    }

    /// Checks that only white space follows.
    void expect_end();

  private:
    [[nodiscard]] const char* past_space(const char* text) const noexcept {
        if (text != end_ && *text > ' ') return text;
        while (text != end_ && (*text == ' ' || *text == '\n' || *text == '\r' || *text == '\t')) ++text;
        return text;
    }

    void skip_space() noexcept { next_ = past_space(next_); }

    bool take(char mark) {
        if (peek() != mark) return false;
        ++next_;
        return true;
    }

    void expect(char mark) {
        if (!take(mark)) throw UnsupportedJson();
    }

    template <class Member>
    void read_member(const Member& member) {
        const std::string_view name = key();
        expect(':');
        member(name);
    }

    void reset_to_window() noexcept {
        next_ = window_->begin();
        end_ = window_->end();
    }

    // Reads the number at `text` and returns its end. The integer -0 is 0, as in Python.
    const char* take_number(const char* text, double& value) const {
        const char* const after = read_decimal(text, end_, value);
        if (after == nullptr) throw UnsupportedJson();
        if (value == 0.0 && after - text == 2) value = 0.0;
        return after;
    }

    bool take_word(std::string_view word) noexcept;
    void expect_word(std::string_view word);
    std::string_view key();
    void skip_key();
    void skip_escape();
    void skip_scalar();

    template <bool is_long>
    void skip_scalar();
    template <bool is_long>
    void skip_value();

    const char* next_;
    const char* end_;
    TextWindow* window_ = nullptr;
    DecimalList list_{',', ']'};
};

}  // namespace heatgrid
