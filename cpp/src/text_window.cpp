#include "heatgrid/text_window.hpp"

#include <cstring>
#include <utility>

namespace heatgrid {

TextWindow::TextWindow(Source source, std::size_t size, std::size_t ahead)
    : source_(std::move(source)), text_(size), ahead_(ahead) {
    fill();
}

void TextWindow::advance(const char* place) {
    const auto dropped = static_cast<std::size_t>(place - text_.data());
    filled_ -= dropped;
    std::memmove(text_.data(), place, filled_);
    fill();
}

void TextWindow::fill() {
    while (!is_last_ && filled_ < text_.size()) {
        const std::size_t count = source_(text_.data() + filled_, text_.size() - filled_);
        filled_ += count;
        is_last_ = count == 0;
    }
}

}  // namespace heatgrid
