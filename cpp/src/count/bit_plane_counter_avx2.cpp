#include "bit_plane_counter_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <immintrin.h>

namespace heatgrid {

namespace {

constexpr std::uint64_t all = ~std::uint64_t{0};
constexpr std::int32_t few = 4;
constexpr std::int32_t at_once = 4;
static_assert(few >= at_once && few <= static_cast<std::int32_t>(spare_pairs));

HEATGRID_TARGET_AVX2 inline __m256i load(const RowPair& pair) noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(pair.words));
}

HEATGRID_TARGET_AVX2 inline void store(__m256i bits, RowPair& pair) noexcept {
    _mm256_store_si256(reinterpret_cast<__m256i*>(pair.words), bits);
}

HEATGRID_TARGET_AVX2 inline void paint_pair(RowPair& pair, __m256i bits) noexcept {
    store(_mm256_or_si256(load(pair), bits), pair);
}

// The bits of the columns before each of 0 .. 128.
struct ColumnBits {
    alignas(16) std::uint64_t words[129][2] = {};

    constexpr ColumnBits() {
        for (std::size_t end = 1; end <= 128; ++end) {
            words[end][0] = end < 64 ? (std::uint64_t{1} << end) - 1 : all;
            words[end][1] = end <= 64 ? 0 : all >> (128 - end);
        }
    }
};

constexpr ColumnBits column_bits;

// In both rows.
HEATGRID_TARGET_AVX2 inline __m256i columns_before(std::int32_t end) noexcept {
    return _mm256_broadcastsi128_si256(
        _mm_load_si128(reinterpret_cast<const __m128i*>(column_bits.words[end])));
}

// The rows of a rectangle in its first and in its last pair of rows, by whether the first row is the lower
// one of its pair (1), whether the last row is the upper one (2), and whether the pairs are the same (4).
struct EndRows {
    RowPair first;
    RowPair last;
};

constexpr RowPair both_rows{{all, all, all, all}};
constexpr RowPair lower_row{{0, 0, all, all}};
constexpr RowPair upper_row{{all, all, 0, 0}};
constexpr RowPair no_row{{0, 0, 0, 0}};
constexpr EndRows end_rows[8] = {{both_rows, both_rows}, {lower_row, both_rows}, {both_rows, upper_row},
                                 {lower_row, upper_row}, {both_rows, both_rows}, {lower_row, lower_row},
                                 {upper_row, upper_row}, {no_row, no_row}};

// All bits of both rows if pair k is in the interior of a rectangle.
HEATGRID_TARGET_AVX2 inline __m256i is_inside(__m256i inner, std::int32_t k) noexcept {
    return _mm256_cmpgt_epi64(inner, _mm256_set1_epi64x(k));
}

// Carry-save adder: one bit of a sum of three, and its carry.
struct Sum {
    __m256i bit;
    __m256i carry;
};

HEATGRID_TARGET_AVX2 inline Sum add_three(__m256i a, __m256i b, __m256i c) noexcept {
    const __m256i differ = _mm256_xor_si256(a, b);
    return {_mm256_xor_si256(differ, c),
            _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(differ, c))};
}

}  // namespace

// Heights are unpredictable: the first few pairs are painted without a branch, with empty bits past the last
// one.
HEATGRID_TARGET_AVX2 void paint_avx2(const Rectangle* rectangles, std::size_t count,
                                     RowPair* picture) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const Rectangle& r = rectangles[i];
        if (r.left >= r.right || r.top >= r.bottom) continue;
        const __m256i bits = _mm256_andnot_si256(columns_before(r.left), columns_before(r.right));
        RowPair* const first = picture + (r.top >> 1);
        const std::int32_t more = ((r.bottom - 1) >> 1) - (r.top >> 1);
        const EndRows& ends = end_rows[(r.top & 1) | (r.bottom & 1) << 1 | (more == 0 ? 4 : 0)];
        paint_pair(first[0], _mm256_and_si256(bits, load(ends.first)));
        paint_pair(first[more], _mm256_and_si256(bits, load(ends.last)));
        const __m256i inner = _mm256_set1_epi64x(more);
        for (std::int32_t k = 1; k <= few; ++k) {
            paint_pair(first[k], _mm256_and_si256(bits, is_inside(inner, k)));
        }
        for (std::int32_t k = few + 1; k < more; k += at_once) {
            const std::int32_t from = k < more - at_once ? k : more - at_once;
            for (std::int32_t j = 0; j < at_once; ++j) paint_pair(first[from + j], bits);
        }
    }
}

HEATGRID_TARGET_AVX2 void add_four_avx2(RowPair* const* pictures, RowPair* ones, RowPair* twos,
                                        RowPair* fours, std::size_t pairs) noexcept {
    RowPair* const a = pictures[0];
    RowPair* const b = pictures[1];
    RowPair* const c = pictures[2];
    RowPair* const d = pictures[3];
    const __m256i none = _mm256_setzero_si256();
    for (std::size_t i = 0; i < pairs; ++i) {
        const Sum first = add_three(load(ones[i]), load(a[i]), load(b[i]));
        const Sum second = add_three(first.bit, load(c[i]), load(d[i]));
        const Sum two = add_three(load(twos[i]), first.carry, second.carry);
        store(second.bit, ones[i]);
        store(two.bit, twos[i]);
        store(two.carry, fours[i]);
        store(none, a[i]);
        store(none, b[i]);
        store(none, c[i]);
        store(none, d[i]);
    }
}

HEATGRID_TARGET_AVX2 void add_carry_avx2(RowPair* sum, const RowPair* waiting, RowPair* carry,
                                         std::size_t pairs) noexcept {
    for (std::size_t i = 0; i < pairs; ++i) {
        const Sum total = add_three(load(sum[i]), load(waiting[i]), load(carry[i]));
        store(total.bit, sum[i]);
        store(total.carry, carry[i]);
    }
}

}  // namespace heatgrid

#endif
