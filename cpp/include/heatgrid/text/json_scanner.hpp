// A walk through JSON text that its caller knows the shape of: values are read where they stand, others are
// skipped.
//
// It is stricter than Python's json module: what that refuses, this never lets pass. What it does not know it
// gives up, by throwing Unfamiliar: NaN and Infinity, keys with escapes, nesting deeper than max_depth, and
// everything that is no JSON. Strings are not decoded: their bytes are what stands between the quotes,
// without control characters and with well-formed escapes; whether they are UTF-8 is not looked at. Cost:
// proportional to the text. None reads past the end; skipping does not recurse.
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

// Text for somebody who knows more.
class Unfamiliar : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "unfamiliar text"; }
};

class JsonScanner {
  public:
    static constexpr std::size_t max_depth = 256;

    JsonScanner(const char* begin, const char* end) noexcept : next_(begin), end_(end) {}

    // Of a text that comes piece by piece; the window must outlive the scanner.
    explicit JsonScanner(TextWindow& window) noexcept
        : next_(window.begin()), end_(window.end()), window_(&window) {}

    // To be called between values, while no string that was read is looked at any more: it may move the text.
    void look_ahead() {
        if (window_ == nullptr || !window_->is_short_of(next_)) return;
        window_->advance(next_);
        next_ = window_->begin();
        end_ = window_->end();
    }

    // Where the next value, or mark, begins.
    [[nodiscard]] const char* place() {
        skip_space();
        return next_;
    }

    // The first character of what is next.
    [[nodiscard]] char peek() {
        skip_space();
        if (next_ == end_) throw Unfamiliar();
        return *next_;
    }

    // Whether a list is next whose first element begins so.
    [[nodiscard]] bool is_list_of(char mark) const {
        JsonScanner inside = *this;
        return inside.take('[') && inside.peek() == mark;
    }

    // Calls member(key), which must read or skip one value, for each member of an object.
    template <class Member>
    void object(const Member& member) {
        expect('{');
        if (take('}')) return;
        do {
            const std::string_view name = key();
            expect(':');
            member(name);
        } while (take(','));
        expect('}');
    }

    // Calls element(), which must read or skip one value, for each element of a list.
    template <class Element>
    void list(const Element& element) {
        expect('[');
        if (take(']')) return;
        do element();
        while (take(','));
        expect(']');
    }

    // A list of numbers and nothing else, added to the end of a column; how many.
    std::size_t numbers(Column<double>& values);

    double number();

    // A whole number of at most 18 digits.
    std::int64_t whole();

    // Whether null is next; if so it is passed over.
    bool take_null();

    bool boolean();

    // What stands between the quotes, escapes as they are.
    std::string_view string();

    // One value, whatever it is.
    void skip();

    // The same, of any length: with a look ahead at every step.
    void skip_far();

    // Nothing but space may follow.
    void finish();

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
        if (!take(mark)) throw Unfamiliar();
    }

    // Reads the number that begins at `text`, and returns where it ends; a whole -0 is 0, as an integer is.
    const char* take_number(const char* text, double& value) const {
        const char* const after = read_decimal(text, end_, value);
        if (after == nullptr) throw Unfamiliar();
        if (value == 0.0 && after - text == 2) value = 0.0;
        return after;
    }

    const char* take_short_numbers(const char* text, Column<double>& values);
    bool take_word(std::string_view word) noexcept;
    std::string_view key();
    void skip_key();
    void escape();
    void scalar();

    template <bool looks_ahead>
    void skip_value();

    const char* next_;
    const char* end_;
    TextWindow* window_ = nullptr;
    unsigned wait_ = 0;   // so many numbers until short ones are looked for again
    unsigned pause_ = 0;  // so many the last time
};

}  // namespace heatgrid
