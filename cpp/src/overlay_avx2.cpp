#include "overlay_avx2.hpp"

#if defined(HEATGRID_AVX2)
#include <immintrin.h>

#include <cstring>
#endif

namespace heatgrid {

#if defined(HEATGRID_AVX2)

#define HEATGRID_FOR_AVX2 __attribute__((target("avx2"))) inline

namespace {

struct Constants {
    __m256d scale;
    __m256d offset;
    __m256d share;
};

template <bool is_between>
HEATGRID_FOR_AVX2 __m256d four_values(const RowValues& values, std::size_t i, __m256d share) noexcept {
    const __m256d low = _mm256_loadu_pd(values.low + i);
    if (!is_between) return low;
    const __m256d high = _mm256_loadu_pd(values.high + i);
    return _mm256_add_pd(low, _mm256_mul_pd(_mm256_sub_pd(high, low), share));
}

// The levels of four values, in 32 bits each.
HEATGRID_FOR_AVX2 __m128i four_levels(__m256d v, const Constants& constants) noexcept {
    const __m256d raw = _mm256_add_pd(_mm256_mul_pd(v, constants.scale), constants.offset);
    const __m256d level = _mm256_min_pd(_mm256_max_pd(raw, _mm256_set1_pd(1.0)), _mm256_set1_pd(256.0));
    return _mm256_cvttpd_epi32(_mm256_and_pd(level, _mm256_cmp_pd(v, _mm256_setzero_pd(), _CMP_GT_OQ)));
}

HEATGRID_FOR_AVX2 __m128i two_entries(const Palette& palette, const std::uint32_t* level) noexcept {
    const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(palette.entries[level[0]]));
    const __m128i second = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(palette.entries[level[1]]));
    return _mm_unpacklo_epi64(first, second);
}

// Four pixels drawn, in the low 12 bytes; reads 16 bytes.
HEATGRID_FOR_AVX2 __m128i four_pixels(const std::uint32_t* level, const Palette& palette,
                                      const std::uint8_t* source) noexcept {
    const __m256i apart = _mm256_setr_epi8(0, -1, 1, -1, 2, -1, -1, -1, 3, -1, 4, -1, 5, -1, -1, -1,  //
                                           6, -1, 7, -1, 8, -1, -1, -1, 9, -1, 10, -1, 11, -1, -1, -1);
    const __m256i factor = _mm256_setr_epi8(6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15,  //
                                            6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15);
    const __m256i together = _mm256_setr_epi8(0, 2, 4, 8, 10, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,  //
                                              -1, -1, -1, -1, -1, -1, 0, 2, 4, 8, 10, 12, -1, -1, -1, -1);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
    const __m256i below = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), apart);
    const __m256i color = _mm256_set_m128i(two_entries(palette, level + 2), two_entries(palette, level));
    const __m256i sum =
        _mm256_add_epi16(_mm256_mullo_epi16(below, _mm256_shuffle_epi8(color, factor)), color);
    const __m256i is_tie = _mm256_cmpeq_epi16(_mm256_slli_epi16(sum, 8), _mm256_setzero_si256());
    const __m256i whole = _mm256_andnot_si256(_mm256_srli_epi16(is_tie, 15), _mm256_srli_epi16(sum, 8));
    const __m256i packed = _mm256_shuffle_epi8(whole, together);
    return _mm_or_si128(_mm256_castsi256_si128(packed), _mm256_extracti128_si256(packed, 1));
}

template <bool is_between>
HEATGRID_FOR_AVX2 std::size_t draw(const RowValues& values, std::size_t count, const Levels& levels,
                                   const Palette& palette, const std::uint8_t* source,
                                   std::uint8_t* target) noexcept {
    constexpr std::size_t block = 8;
    constexpr std::size_t spare = 2;  // pixels that are read beyond a block
    const Constants constants{_mm256_set1_pd(levels.scale), _mm256_set1_pd(levels.offset),
                              _mm256_set1_pd(values.share)};
    const bool zero_is_clear = palette.is_clear(0);
    std::size_t i = 0;
    for (; i + block + spare <= count; i += block) {
        const __m128i low = four_levels(four_values<is_between>(values, i, constants.share), constants);
        const __m128i high = four_levels(four_values<is_between>(values, i + 4, constants.share), constants);
        const __m128i any = _mm_or_si128(low, high);
        if (zero_is_clear && _mm_testz_si128(any, any)) {
            if (source != target) std::memcpy(target + 3 * i, source + 3 * i, 3 * block);
            continue;
        }
        alignas(16) std::uint32_t level[block];
        _mm_store_si128(reinterpret_cast<__m128i*>(level), low);
        _mm_store_si128(reinterpret_cast<__m128i*>(level + 4), high);
        const __m128i first = four_pixels(level, palette, source + 3 * i);
        const __m128i second = four_pixels(level + 4, palette, source + 3 * i + 12);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(target + 3 * i),
                         _mm_or_si128(first, _mm_slli_si128(second, 12)));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(target + 3 * i + 16), _mm_srli_si128(second, 4));
    }
    return i;
}

}  // namespace

__attribute__((target("avx2"))) std::size_t draw_pixels_avx2(const RowValues& values, std::size_t count,
                                                             const Levels& levels, const Palette& palette,
                                                             const std::uint8_t* source,
                                                             std::uint8_t* target) noexcept {
    return values.high ? draw<true>(values, count, levels, palette, source, target)
                       : draw<false>(values, count, levels, palette, source, target);
}

#else

std::size_t draw_pixels_avx2(const RowValues&, std::size_t, const Levels&, const Palette&,
                             const std::uint8_t*, std::uint8_t*) noexcept {
    return 0;
}

#endif

}  // namespace heatgrid
