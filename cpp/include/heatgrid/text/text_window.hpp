// A long text, of which a part is in memory at a time.
//
// Whoever reads it says, between values, how far it has come; what is before is dropped, and the window is
// filled up again. So a text takes a megabyte, whatever its length, that stays in the processor's cache.
// A value that is read as a whole must be no longer than `ahead`.
// Cost: each byte is read once and moved once at most. Throws std::bad_alloc, and what the source throws.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace heatgrid {

class TextWindow {
  public:
    // Writes the text's next bytes, as many as there is room for; returns how many, 0 at the end.
    using Source = std::function<std::size_t(char* to, std::size_t room)>;

    // So much of the text is in memory at most, and so much, unless it ends, from every place on that is
    // looked at anew.
    explicit TextWindow(Source source, std::size_t size = std::size_t{1} << 20,
                        std::size_t ahead = std::size_t{1} << 17);

    [[nodiscard]] const char* begin() const noexcept { return text_.get(); }
    [[nodiscard]] const char* end() const noexcept { return text_.get() + filled_; }

    // Whether there is too little of the text from this place on.
    [[nodiscard]] bool is_short_of(const char* place) const noexcept {
        return !is_last_ && static_cast<std::size_t>(end() - place) < ahead_;
    }

    // Drops what is before `place`, and fills the rest; `place` is then the beginning.
    void advance(const char* place);

  private:
    void fill();

    Source source_;
    std::size_t size_;
    std::size_t ahead_;
    std::unique_ptr<char[]> text_;  // not cleared: it is written to first
    std::size_t filled_ = 0;
    bool is_last_ = false;
};

}  // namespace heatgrid
