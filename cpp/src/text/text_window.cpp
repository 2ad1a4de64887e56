#include "heatgrid/text/text_window.hpp"

#include <cstring>
#include <utility>

namespace heatgrid {

TextWindow::TextWindow(Source source, std::size_t size, std::size_t ahead)
    : source_(std::move(source)), size_(size), ahead_(ahead), text_(new char[size]) {
    fill();
}

void TextWindow::advance(const char* place) {
    filled_ -= static_cast<std::size_t>(place - text_.get());
    std::memmove(text_.get(), place, filled_);
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
