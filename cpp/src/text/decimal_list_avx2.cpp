#include "heatgrid/text/decimal_list_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "heatgrid/simd/bits.hpp"
#include "heatgrid/simd/intrinsics.hpp"

namespace heatgrid {
namespace {

// Candidates for short decimals, split from a list.
struct Candidates {
    static constexpr std::size_t most = 128;

    std::uint64_t words[most];    // eight characters, the first in the lowest byte
    std::uint64_t lengths[most];  // number of them that belong to the number
    const char* ends[most];       // end in the text
    std::size_t count = 0;
};

// Four numbers in lanes of 64 bits: one digit per byte, the last in the highest byte, zeros before the first.
struct FourNumbers {
    __m256i digits;
    __m256i fraction;  // digits after the point
    __m256i wrong;     // zero if the text is a number in JSON
};

HEATGRID_TARGET_AVX2 inline FourNumbers take_four(__m256i words, __m256i lengths) noexcept {
    const __m256i zero = _mm256_setzero_si256();
    const __m256i one = _mm256_set1_epi64x(1);
    const __m256i text = _mm256_xor_si256(words, _mm256_set1_epi8('0'));
    const __m256i shift = _mm256_slli_epi64(_mm256_sub_epi64(_mm256_set1_epi64x(8), lengths), 3);
    const __m256i number = _mm256_sllv_epi64(text, shift);
    const __m256i point = _mm256_cmpeq_epi8(number, _mm256_set1_epi8('.' ^ '0'));
    const __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(number, _mm256_set1_epi8(9)), number);
    // Lowest bit of the first point, and the byte that it fills; zero if there is none.
    const __m256i low = _mm256_and_si256(point, _mm256_sub_epi64(zero, point));
    const __m256i first_point = _mm256_sub_epi64(_mm256_slli_epi64(low, 8), low);
    const __m256i before = _mm256_andnot_si256(_mm256_cmpeq_epi64(low, zero), _mm256_sub_epi64(low, one));
    const __m256i whole = _mm256_and_si256(number, before);
    const __m256i rest = _mm256_andnot_si256(_mm256_or_si256(before, point), number);
    const __m256i behind = _mm256_andnot_si256(_mm256_or_si256(before, first_point), _mm256_set1_epi8(1));
    const __m256i fraction =
        _mm256_andnot_si256(_mm256_cmpeq_epi64(low, zero), _mm256_sad_epu8(behind, zero));

    const __m256i first = _mm256_sllv_epi64(one, shift);
    const __m256i is_zero_first = _mm256_cmpeq_epi64(_mm256_and_si256(text, _mm256_set1_epi64x(0xFF)), zero);
    // A single character has neither a second one nor a point: both masks are zero.
    const __m256i is_point_second = _mm256_cmpeq_epi64(low, _mm256_slli_epi64(first, 8));
    __m256i wrong = _mm256_xor_si256(_mm256_or_si256(is_digit, point), _mm256_set1_epi8(-1));
    wrong = _mm256_or_si256(wrong, _mm256_xor_si256(point, first_point));
    wrong = _mm256_or_si256(wrong, _mm256_cmpeq_epi64(low, first));  // the point first, or no character
    wrong = _mm256_or_si256(wrong, _mm256_srli_epi64(point, 63));    // the point last
    wrong = _mm256_or_si256(wrong, _mm256_andnot_si256(is_point_second, is_zero_first));
    wrong = _mm256_or_si256(wrong, _mm256_cmpgt_epi64(lengths, _mm256_set1_epi64x(8)));
    return {_mm256_or_si256(_mm256_slli_epi64(whole, 8), rest), fraction, wrong};
}

// Joins pairs of digits, then pairs of pairs, then pairs of those.
HEATGRID_TARGET_AVX2 inline __m256d join_digits(__m256i digits) noexcept {
    const __m256i two = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
    const __m256i four = _mm256_madd_epi16(two, _mm256_set1_epi32(0x00010064));
    const __m256i eight = _mm256_madd_epi16(_mm256_packus_epi32(four, four), _mm256_set1_epi32(0x00012710));
    return _mm256_cvtepi32_pd(_mm256_castsi256_si128(_mm256_permute4x64_epi64(eight, 0x08)));
}

// Powers of ten, which a float represents exactly.
HEATGRID_TARGET_AVX2 inline __m256d powers_of_ten(__m256i exponents) noexcept {
    const __m256 powers = _mm256_setr_ps(1e0F, 1e1F, 1e2F, 1e3F, 1e4F, 1e5F, 1e6F, 1e7F);
    const __m256i places = _mm256_permutevar8x32_epi32(exponents, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    return _mm256_cvtps_pd(_mm256_castps256_ps128(_mm256_permutevar8x32_ps(powers, places)));
}

// Converts candidates, four at a time, up to the first that is not a short number; returns their number.
// Writes up to three values after the last.
HEATGRID_TARGET_AVX2 std::size_t convert(Candidates& numbers, double* values) noexcept {
    for (std::size_t i = numbers.count; i % 4 != 0; ++i) {  // the rest of the last four: zeros
        numbers.words[i] = '0';
        numbers.lengths[i] = 1;
    }
    for (std::size_t i = 0; i < numbers.count; i += 4) {
        const FourNumbers four =
            take_four(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers.words + i)),
                      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers.lengths + i)));
        _mm256_storeu_pd(values + i, _mm256_div_pd(join_digits(four.digits), powers_of_ten(four.fraction)));
        const __m256i right = _mm256_cmpeq_epi64(four.wrong, _mm256_setzero_si256());
        const auto wrong = static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(right))) ^ 15U;
        if (wrong != 0) return std::min(numbers.count, i + static_cast<std::size_t>(lowest_bit(wrong)));
    }
    return numbers.count;
}

constexpr std::size_t block_size = 64;

// Bitmask of the 32 characters that equal `wanted`, the first in the lowest bit.
HEATGRID_TARGET_AVX2 inline std::uint64_t half_mask(const char* text, char wanted) noexcept {
    const __m256i characters = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
    const __m256i equal = _mm256_cmpeq_epi8(characters, _mm256_set1_epi8(wanted));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(equal));
}

// The same for a block.
HEATGRID_TARGET_AVX2 inline std::uint64_t mask_of(const char* block, char wanted) noexcept {
    return half_mask(block, wanted) | half_mask(block + block_size / 2, wanted) << (block_size / 2);
}

// Splits the list at `text` into candidates at its separators; returns where it goes on, null at its end.
HEATGRID_TARGET_AVX2 const char* split(const char* text, const char* end, char separator, char last,
                                       Candidates& numbers) noexcept {
    constexpr std::size_t ahead = block_size + sizeof(std::uint64_t);
    std::size_t count = 0;
    // In a block of separators only, every character ends a candidate.
    while (count + block_size <= Candidates::most && static_cast<std::size_t>(end - text) >= ahead) {
        const std::uint64_t lasts = mask_of(text, last);
        std::uint64_t marks = mask_of(text, separator) | lasts;
        marks &= lasts ^ (lasts - 1);  // none after the first end
        const char* number = text;
        for (; marks != 0; marks &= marks - 1, ++count) {
            const char* const mark = text + lowest_bit(marks);
            std::memcpy(&numbers.words[count], number, sizeof numbers.words[count]);
            numbers.lengths[count] = static_cast<std::size_t>(mark - number);
            numbers.ends[count] = mark;
            number = mark + 1 + (mark[1] == ' ' ? 1 : 0);
        }
        if (lasts != 0) {
            text = nullptr;
            break;
        }
        if (number == text) break;  // a number longer than a block
        text = number;
    }
    numbers.count = count;
    return text;
}

}  // namespace

const char* read_short_decimals_avx2(const char* text, const char* end, char separator, char last,
                                     Column<double>& values) {
    const char* after = text;
    Candidates numbers;
    while (text != nullptr) {
        text = split(text, end, separator, last, numbers);
        if (numbers.count == 0) break;
        const std::size_t before = values.size();
        const std::size_t read = convert(numbers, values.extend((numbers.count + 3) / 4 * 4));
        values.cut(before + read);
        if (read != 0) after = numbers.ends[read - 1];
        if (read != numbers.count) break;
    }
    return after;
}

}  // namespace heatgrid

#endif
