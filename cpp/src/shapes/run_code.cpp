#include "heatgrid/shapes/run_code.hpp"

namespace heatgrid {
namespace {

constexpr unsigned first_character = 48;
constexpr unsigned more = 32;
constexpr unsigned group_bits = 5;
constexpr unsigned longest = 8 * group_bits;

constexpr std::uint64_t bits_of(unsigned character) noexcept { return character & (more - 1); }

// The two's complement number of so many bits, modulo 2^64, so that sums never overflow.
constexpr std::uint64_t extend_sign(std::uint64_t value, unsigned bits) noexcept {
    const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
    return (value ^ sign) - sign;
}

}  // namespace

// Fast path: most numbers have one or two characters.
std::size_t RunCode::read(std::int64_t* numbers) noexcept {
    const std::uint8_t* next = next_;
    const std::uint8_t* const end = end_;
    std::uint64_t older = older_;
    std::uint64_t newer = newer_;
    unsigned seen = 0;  // every bit that a character had
    std::size_t count = 0;
    while (count < block && next != end) {
        const unsigned first = *next++ - first_character;
        seen |= first;
        std::uint64_t value = bits_of(first);
        if (!(first & more)) {
            value = extend_sign(value, group_bits);
        } else {
            if (next == end) return fail();
            const unsigned second = *next++ - first_character;
            seen |= second;
            value |= bits_of(second) << group_bits;
            if (!(second & more)) {
                value = extend_sign(value, 2 * group_bits);
            } else {
                unsigned bits = 2 * group_bits;
                for (unsigned last = second; last & more; bits += group_bits) {
                    if (next == end || bits == longest) return fail();
                    last = *next++ - first_character;
                    seen |= last;
                    value |= bits_of(last) << bits;
                }
                value = extend_sign(value, bits);
            }
        }
        value += older;
        numbers[count++] = static_cast<std::int64_t>(value);
        older = newer;
        newer = is_first_ ? 0 : value;
        is_first_ = false;
    }
    next_ = next;
    older_ = older;
    newer_ = newer;
    return seen < 2 * more ? count : fail();
}

std::size_t RunCode::fail() noexcept {
    is_broken_ = true;
    return 0;
}

}  // namespace heatgrid
