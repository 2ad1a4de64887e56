#include "heatgrid/text/text_window.hpp"

#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace heatgrid {

TextWindow::TextWindow(Source source, std::size_t size, std::size_t lookahead)
    : source_(std::move(source)), size_(size), lookahead_(lookahead), text_(new char[size]) {
    fill();
}

void TextWindow::refill(const char* position) {
    filled_ = static_cast<std::size_t>(end() - position);
    std::memmove(text_.get(), position, filled_);
    fill();
}

void TextWindow::enlarge(const char* position) {
    if (size_ > std::numeric_limits<std::size_t>::max() / 2) throw std::bad_alloc();
    std::unique_ptr<char[]> larger(new char[2 * size_]);
    filled_ = static_cast<std::size_t>(end() - position);
    std::memcpy(larger.get(), position, filled_);
    text_ = std::move(larger);
    size_ *= 2;
    fill();
}

void TextWindow::fill() {
    while (!is_last_ && filled_ < size_) {
        const std::size_t count = source_(text_.get() + filled_, size_ - filled_);
        filled_ += count;
        is_last_ = count == 0;
    }
}

}  // namespace heatgrid
