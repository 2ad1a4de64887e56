#include "heatgrid/text/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace heatgrid {

namespace {

// Length of the ASCII text at the beginning, in whole blocks of 32 bytes.
std::size_t ascii_blocks(const char* text, std::size_t size) noexcept {
    std::size_t done = 0;
    for (; size - done >= 32; done += 32) {
        std::uint64_t words[4];
        std::memcpy(words, text + done, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080U) != 0) break;
    }
    return done;
}

}  // namespace

bool Utf8Check::accept(const char* piece, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size;) {
        if (pending_ == 0) i += ascii_blocks(piece + i, size - i);
        for (const std::size_t end = size - i < 32 ? size : i + 32; i < end; ++i) {
            if (!accept_byte(static_cast<unsigned char>(piece[i]))) return false;
        }
    }
    return true;
}

bool Utf8Check::accept_byte(unsigned char byte) noexcept {
    if (pending_ != 0) {
        if (byte < low_ || byte > high_) return false;
        --pending_;
        low_ = 0x80;
        high_ = 0xBF;
        return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xC2 || byte > 0xF4) return false;
    pending_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
    if (byte == 0xE0) low_ = 0xA0;   // no overlong form
    if (byte == 0xED) high_ = 0x9F;  // no surrogate
    if (byte == 0xF0) low_ = 0x90;
    if (byte == 0xF4) high_ = 0x8F;  // no code point above 0x10FFFF
    return true;
}

}  // namespace heatgrid
