#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace heatgrid {

/// Sliding window over a text that is read in pieces.
///
/// The reader reports its position between values; the window drops what lies before and refills. A text of
/// any length takes one megabyte, which stays in the processor's cache. A value longer than `lookahead` may
/// need a larger window: see `enlarge`.
///
/// Cost: each byte is read once and moved once at most, plus once per enlargement. Throws std::bad_alloc and
/// any exception of the source.
class TextWindow {
  public:
    /// Writes up to `capacity` next bytes of the text; returns their number, 0 at the end.
    using Source = std::function<std::size_t(char* to, std::size_t capacity)>;

    /// After a refill at least `lookahead` bytes follow the position, unless the text ends before.
    explicit TextWindow(Source source, std::size_t size = std::size_t{1} << 20,
                        std::size_t lookahead = std::size_t{1} << 17);

    [[nodiscard]] const char* begin() const noexcept { return text_.get(); }
    [[nodiscard]] const char* end() const noexcept { return text_.get() + filled_; }

    /// Whether the window contains the end of the text.
    [[nodiscard]] bool is_last() const noexcept { return is_last_; }

    /// Whether fewer than `lookahead` bytes follow `position`, although the text has more.
    [[nodiscard]] bool is_short(const char* position) const noexcept {
        return !is_last_ && static_cast<std::size_t>(end() - position) < lookahead_;
    }

    /// Drops the text before `position`, which becomes the beginning, and fills the rest of the window.
    void refill(const char* position);

    /// The same with a window of twice the size.
    void enlarge(const char* position);

  private:
    void fill();

    Source source_;
    std::size_t size_;
    std::size_t lookahead_;
    std::unique_ptr<char[]> text_;  // uninitialized: written before it is read
    std::size_t filled_ = 0;
    bool is_last_ = false;
};

}  // namespace heatgrid
