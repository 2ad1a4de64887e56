#include "heatgrid/run_code.hpp"

namespace heatgrid {
namespace {

constexpr unsigned first_character = 48;
constexpr unsigned more = 32;
constexpr unsigned group_bits = 5;
constexpr unsigned longest = 8 * group_bits;

constexpr std::uint64_t bits_of(unsigned character) noexcept { return character & (more - 1); }

// The two's complement number of so many bits; modulo 2^64, so that no sum of numbers overflows.
constexpr std::uint64_t extend_sign(std::uint64_t value, unsigned bits) noexcept {
    const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
    return (value ^ sign) - sign;
}

}  // namespace

std::size_t RunCode::read(std::int64_t* numbers) noexcept {
    const std::uint8_t* next = next_;
    std::size_t count = 0;
    unsigned seen = 0;  // every bit that a character had
    while (count < block && next != end_) {
        const unsigned character = *next++ - first_character;
        seen |= character;
        std::uint64_t value = bits_of(character);
        unsigned bits = group_bits;
        for (unsigned last = character; last & more; bits += group_bits) {
            if (next == end_ || bits == longest) {
                is_broken_ = true;
                return 0;
            }
            last = *next++ - first_character;
            seen |= last;
            value |= bits_of(last) << bits;
        }
        const std::uint64_t number = extend_sign(value, bits) + older_;
        numbers[count++] = static_cast<std::int64_t>(number);
        older_ = newer_;
        newer_ = is_first_ ? 0 : number;
        is_first_ = false;
    }
    next_ = next;
    is_broken_ = seen >= 2 * more;
    return is_broken_ ? 0 : count;
}

}  // namespace heatgrid
