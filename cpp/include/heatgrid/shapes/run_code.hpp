// COCO's compressed run lengths: text to integers.
//
// A number is split into groups of five bits, low groups first, its sign extended from the last one. A
// character is 48 plus a group, plus 32 if more groups follow. From the fourth number on, the text contains
// the difference from the number two before. A code is broken if a character is outside 48 .. 111, if the
// code ends within a number, or if a number has more than eight characters (a count of pixels has at most
// seven). Numbers may be negative or too large; the reader of the runs checks them. O(characters). No
// function throws, allocates, or reads past the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

class RunCode {
  public:
    RunCode(const std::uint8_t* code, const std::uint8_t* end) noexcept : next_(code), end_(end) {}

    /// Reads the next numbers, at most `block`; returns their number, 0 at the end and if the code is broken.
    static constexpr std::size_t block = 256;
    [[nodiscard]] std::size_t read(std::int64_t* numbers) noexcept;

    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

  private:
    [[nodiscard]] std::size_t fail() noexcept;

    const std::uint8_t* next_;
    const std::uint8_t* end_;
    // The last number but one and the last; the first number has no influence.
    std::uint64_t older_ = 0;
    std::uint64_t newer_ = 0;
    bool is_first_ = true;
    bool is_broken_ = false;
};

}  // namespace heatgrid
