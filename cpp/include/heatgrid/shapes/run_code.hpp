// COCO's compressed run lengths: text to numbers.
//
// A number is cut into groups of five bits, low ones first, its sign extended from the last; a character is
// 48 plus a group, plus 32 when more follow. From the fourth number on, what is written is the difference to
// the number two before. Broken is a code with a character outside 48 .. 111, that ends within a number, or
// with a number of more than eight characters (a count of pixels has at most seven). Numbers may be negative
// or too large: the reader of the runs must check them. Cost: proportional to the characters. None throws or
// allocates, none reads past the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heatgrid {

class RunCode {
  public:
    RunCode(const std::uint8_t* code, const std::uint8_t* end) noexcept : next_(code), end_(end) {}

    // The next numbers, at most `block`; how many. 0 at the end, and where the code is broken.
    static constexpr std::size_t block = 256;
    [[nodiscard]] std::size_t read(std::int64_t* numbers) noexcept;

    [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

  private:
    [[nodiscard]] std::size_t fail() noexcept;

    const std::uint8_t* next_;
    const std::uint8_t* end_;
    // The last number but one and the last, once they count: nothing is written as a difference to the first.
    std::uint64_t older_ = 0;
    std::uint64_t newer_ = 0;
    bool is_first_ = true;
    bool is_broken_ = false;
};

}  // namespace heatgrid
