#pragma once

#include <cstddef>

namespace heatgrid {

/// Check of UTF-8 (RFC 3629) for a text that arrives in pieces.
class Utf8Check {
  public:
    /// Whether the pieces so far, with this one, are the beginning of a UTF-8 text.
    [[nodiscard]] bool accept(const char* piece, std::size_t size) noexcept;

    /// Whether the text may end here.
    [[nodiscard]] bool is_complete() const noexcept { return pending_ == 0; }

  private:
    bool accept_byte(unsigned char byte) noexcept;

    unsigned pending_ = 0;      // continuation bytes that the current character still needs
    unsigned char low_ = 0x80;  // range of the next one
    unsigned char high_ = 0xBF;
};

}  // namespace heatgrid
