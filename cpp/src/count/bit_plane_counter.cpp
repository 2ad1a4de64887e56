#include "heatgrid/count/bit_plane_counter.hpp"

#include <algorithm>

#include "bit_plane_counter_avx2.hpp"

namespace heatgrid {
namespace {

constexpr std::size_t pair_words = 4;

// The bits of the columns before `end` in a word that begins at column `begin`.
std::uint64_t columns_before(std::int32_t end, std::int32_t begin) noexcept {
    const std::int32_t bits = std::clamp(end - begin, 0, 64);
    return bits == 0 ? 0 : ~std::uint64_t{0} >> (64 - bits);
}

void paint_image(const Rectangle* rectangles, std::size_t count, RowPair* picture) noexcept {
    if constexpr (compiled_for_avx2) {
        if (has_avx2()) return paint_avx2(rectangles, count, picture);
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Rectangle& r = rectangles[i];
        const std::uint64_t near = columns_before(r.right, 0) & ~columns_before(r.left, 0);
        const std::uint64_t far = columns_before(r.right, 64) & ~columns_before(r.left, 64);
        for (std::int32_t row = r.top; row < r.bottom; ++row) {
            std::uint64_t* const words = picture[row / 2].words + static_cast<std::size_t>(row % 2) * 2;
            words[0] |= near;
            words[1] |= far;
        }
    }
}

// Carry-save adder: one bit of a sum of three, and its carry.
struct Sum {
    std::uint64_t bit;
    std::uint64_t carry;
};

Sum add_three(std::uint64_t a, std::uint64_t b, std::uint64_t c) noexcept {
    return {a ^ b ^ c, (a & b) | ((a ^ b) & c)};
}

void add_four(RowPair* const* pictures, RowPair* ones, RowPair* twos, RowPair* fours,
              std::size_t pairs) noexcept {
    if constexpr (compiled_for_avx2) {
        if (has_avx2()) return add_four_avx2(pictures, ones, twos, fours, pairs);
    }
    for (std::size_t i = 0; i < pairs; ++i) {
        for (std::size_t w = 0; w < pair_words; ++w) {
            const auto word = [&](std::size_t k) { return pictures[k][i].words[w]; };
            const Sum first = add_three(ones[i].words[w], word(0), word(1));
            const Sum second = add_three(first.bit, word(2), word(3));
            const Sum two = add_three(twos[i].words[w], first.carry, second.carry);
            ones[i].words[w] = second.bit;
            twos[i].words[w] = two.bit;
            fours[i].words[w] = two.carry;
        }
        for (std::size_t k = 0; k < 4; ++k) pictures[k][i] = {};
    }
}

// Spreads eight bits to eight bytes of 0 or 1, the lowest bit to the lowest byte.
std::uint64_t spread(std::uint64_t bits) noexcept {
    // Seven copies, shifted by multiples of seven, put bit i at position 8 i; the eighth bit would collide
    // with the first.
    const std::uint64_t seven = ((bits & 127) * 0x0002040810204081) & 0x0101010101010101;
    return seven | bits >> 7 << 56;
}

}  // namespace

BitPlaneCounter::BitPlaneCounter(Grid grid)
    : rows_(grid.rows), pairs_((static_cast<std::size_t>(grid.rows) + 1) / 2) {
    for (Picture& picture : pictures_) picture.assign(pairs_ + spare_pairs, RowPair{});
    carry_.assign(pairs_, RowPair{});
}

void BitPlaneCounter::add(const Rectangle* rectangles, std::size_t count) {
    RowPair* const picture = pictures_[painted_].data();
    paint_image(rectangles, count, picture);
    if (++painted_ == at_once) add_pictures();
}

BitPlaneCounter::Layer& BitPlaneCounter::layer(std::size_t index) {
    while (layers_.size() <= index) {
        layers_.push_back({Picture(pairs_, RowPair{}), Picture(pairs_, RowPair{}), false});
    }
    return layers_[index];
}

void BitPlaneCounter::add_pictures() {
    RowPair* const pictures[at_once] = {pictures_[0].data(), pictures_[1].data(), pictures_[2].data(),
                                        pictures_[3].data()};
    RowPair* const twos = layer(1).sum.data();
    RowPair* const ones = layer(0).sum.data();
    add_four(pictures, ones, twos, carry_.data(), pairs_);
    painted_ = 0;
    carry(2);
}

// Adds the carry to a layer: every other carry waits there.
void BitPlaneCounter::carry(std::size_t index) {
    for (;; ++index) {
        Layer& to = layer(index);
        to.has_waiting = !to.has_waiting;
        if (to.has_waiting) {
            to.waiting.swap(carry_);
            return;
        }
        add_waiting(to);
    }
}

void BitPlaneCounter::add_waiting(Layer& to) noexcept {
    if constexpr (compiled_for_avx2) {
        if (has_avx2()) {
            add_carry_avx2(to.sum.data(), to.waiting.data(), carry_.data(), pairs_);
            return;
        }
    }
    for (std::size_t i = 0; i < pairs_; ++i) {
        for (std::size_t w = 0; w < pair_words; ++w) {
            const Sum sum = add_three(to.sum[i].words[w], to.waiting[i].words[w], carry_[i].words[w]);
            to.sum[i].words[w] = sum.bit;
            carry_[i].words[w] = sum.carry;
        }
    }
}

// Adds all pending planes, so that the layers' own bits are the counts.
void BitPlaneCounter::add_all() {
    add_pictures();
    std::fill(carry_.begin(), carry_.end(), RowPair{});
    const std::size_t known = layers_.size();
    for (std::size_t index = 2; index < known; ++index) {
        Layer& to = layers_[index];
        if (!to.has_waiting) std::fill(to.waiting.begin(), to.waiting.end(), RowPair{});
        add_waiting(to);
    }
    layer(known).sum.swap(carry_);
}

void BitPlaneCounter::count_row(std::int32_t row, std::uint32_t* counts) const noexcept {
    for (std::int32_t first = 0; first < most_columns; first += 8) {
        const std::size_t word = static_cast<std::size_t>(row % 2) * 2 + static_cast<std::size_t>(first / 64);
        std::uint32_t* const eight = counts + first;
        std::fill_n(eight, 8, 0U);
        for (std::size_t low = 0; low < layers_.size(); low += 8) {
            const std::size_t high = std::min(low + 8, layers_.size());
            std::uint64_t bytes = 0;
            for (std::size_t index = low; index < high; ++index) {
                const std::uint64_t bits = layers_[index].sum[static_cast<std::size_t>(row / 2)].words[word];
                bytes |= spread(bits >> (first % 64) & 255) << (index - low);
            }
            for (std::size_t c = 0; c < 8; ++c) {
                eight[c] += static_cast<std::uint32_t>(bytes >> (8 * c) & 255) << low;
            }
        }
    }
}

}  // namespace heatgrid
