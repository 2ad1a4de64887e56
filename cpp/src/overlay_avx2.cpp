#include "overlay_avx2.hpp"

#if defined(HEATGRID_AVX2)
#include <immintrin.h>

#include <cstring>
#endif

namespace heatgrid {

#if defined(HEATGRID_AVX2)

#define HEATGRID_WITH_AVX2 __attribute__((target("avx2")))
#define HEATGRID_FOR_AVX2 HEATGRID_WITH_AVX2 inline

namespace {

// The levels of four values, in 32 bits each.
HEATGRID_FOR_AVX2 __m128i four_levels(const double* values, __m256d scale, __m256d offset) noexcept {
    const __m256d v = _mm256_loadu_pd(values);
    const __m256d raw = _mm256_add_pd(_mm256_mul_pd(v, scale), offset);
    const __m256d level = _mm256_min_pd(_mm256_max_pd(raw, _mm256_set1_pd(1.0)), _mm256_set1_pd(256.0));
    return _mm256_cvttpd_epi32(_mm256_and_pd(level, _mm256_cmp_pd(v, _mm256_setzero_pd(), _CMP_GT_OQ)));
}

// The levels of eight pixels.
HEATGRID_FOR_AVX2 __m128i eight_levels(const CellRow& row, std::size_t i) noexcept {
    const __m256d scale = _mm256_set1_pd(row.levels.scale);
    const __m256d offset = _mm256_set1_pd(row.levels.offset);
    return _mm_packus_epi32(four_levels(row.values + i, scale, offset),
                            four_levels(row.values + i + 4, scale, offset));
}

HEATGRID_FOR_AVX2 __m128i eight_levels(const StretchedRow& row, std::size_t i) noexcept {
    const __m256 low = _mm256_loadu_ps(row.low + i);
    const __m256 rise = _mm256_sub_ps(_mm256_loadu_ps(row.high + i), low);
    const __m256 v = _mm256_add_ps(low, _mm256_mul_ps(rise, _mm256_set1_ps(row.share)));
    const __m256 raw = _mm256_add_ps(v, _mm256_set1_ps(row.offset));
    const __m256 level = _mm256_min_ps(_mm256_max_ps(raw, _mm256_set1_ps(1.0F)), _mm256_set1_ps(256.0F));
    const __m256i whole =
        _mm256_cvttps_epi32(_mm256_and_ps(level, _mm256_cmp_ps(v, _mm256_setzero_ps(), _CMP_GT_OQ)));
    return _mm_packus_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
}

template <class Row>
HEATGRID_FOR_AVX2 std::size_t find_levels(const Row& row, std::size_t count, Level* levels) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(levels + i), eight_levels(row, i));
    }
    return i;
}

// What a palette has for four levels.
HEATGRID_FOR_AVX2 __m256i four_entries(const Palette& palette, const Level* a, const Level* b) noexcept {
    const auto entry = [&](Level level) { return reinterpret_cast<const double*>(palette.entries[level]); };
    const __m128d low = _mm_loadh_pd(_mm_load_sd(entry(a[0])), entry(a[1]));
    const __m128d high = _mm_loadh_pd(_mm_load_sd(entry(b[0])), entry(b[1]));
    return _mm256_castpd_si256(_mm256_set_m128d(high, low));
}

// Four pixels' bytes, in 16 bits each, laid over what is below: the results are the upper bytes.
HEATGRID_FOR_AVX2 __m256i blend(__m256i below, __m256i color) noexcept {
    const __m256i factor = _mm256_setr_epi8(6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15,  //
                                            6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15);
    const __m256i sum =
        _mm256_add_epi16(_mm256_mullo_epi16(below, _mm256_shuffle_epi8(color, factor)), color);
    // Half-way between two numbers, and on the odd one: one less is the even one.
    const __m256i is_odd_tie =
        _mm256_cmpeq_epi16(_mm256_and_si256(sum, _mm256_set1_epi16(0x1FF)), _mm256_set1_epi16(0x100));
    return _mm256_add_epi16(sum, is_odd_tie);
}

// Eight pixels: in the halves of the registers lie the pixels 0, 1 and 4, 5, then 2, 3 and 6, 7.
HEATGRID_FOR_AVX2 void draw_eight(const Level* levels, const Palette& palette, const std::uint8_t* source,
                                  std::uint8_t* target) noexcept {
    const __m256i first =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, -1, 1, -1, 2, -1, -1, -1, 3, -1, 4, -1, 5, -1, -1, -1));
    const __m256i second = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(6, -1, 7, -1, 8, -1, -1, -1, 9, -1, 10, -1, 11, -1, -1, -1));
    const __m256i to_first = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(1, 3, 5, 9, 11, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    const __m256i to_second = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(-1, -1, -1, -1, -1, -1, 1, 3, 5, 9, 11, 13, -1, -1, -1, -1));
    const __m256i bytes = _mm256_set_m128i(_mm_loadu_si128(reinterpret_cast<const __m128i*>(source + 12)),
                                           _mm_loadu_si128(reinterpret_cast<const __m128i*>(source)));
    const __m256i a = blend(_mm256_shuffle_epi8(bytes, first), four_entries(palette, levels, levels + 4));
    const __m256i b =
        blend(_mm256_shuffle_epi8(bytes, second), four_entries(palette, levels + 2, levels + 6));
    const __m256i all = _mm256_or_si256(_mm256_shuffle_epi8(a, to_first), _mm256_shuffle_epi8(b, to_second));
    const __m128i rest = _mm256_extracti128_si256(all, 1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target), _mm256_castsi256_si128(all));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(target + 12), rest);
    const std::int32_t last = _mm_extract_epi32(rest, 2);
    std::memcpy(target + 20, &last, sizeof last);
}

}  // namespace

HEATGRID_WITH_AVX2 std::size_t find_levels_avx2(const CellRow& row, std::size_t count,
                                                Level* levels) noexcept {
    return find_levels(row, count, levels);
}

HEATGRID_WITH_AVX2 std::size_t find_levels_avx2(const StretchedRow& row, std::size_t count,
                                                Level* levels) noexcept {
    return find_levels(row, count, levels);
}

HEATGRID_WITH_AVX2 std::size_t draw_pixels_avx2(const Level* levels, std::size_t count,
                                                const Palette& palette, const std::uint8_t* source,
                                                std::uint8_t* target) noexcept {
    constexpr std::size_t block = 8;
    constexpr std::size_t spare = 2;  // pixels that are read beyond a block
    const bool zero_is_clear = palette.is_clear(0);
    std::size_t i = 0;
    for (; i + block + spare <= count; i += block) {
        const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(levels + i));
        if (zero_is_clear && _mm_testz_si128(all, all)) {
            if (source != target) std::memcpy(target + 3 * i, source + 3 * i, 3 * block);
        } else {
            draw_eight(levels + i, palette, source + 3 * i, target + 3 * i);
        }
    }
    return i;
}

HEATGRID_WITH_AVX2 std::size_t stretch_avx2(const float* row, const std::int32_t* low, const float* share,
                                            std::size_t count, float* target) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i place = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(low + i));
        const __m256 from = _mm256_i32gather_ps(row, place, 4);
        const __m256 to = _mm256_i32gather_ps(row + 1, place, 4);
        const __m256 rise = _mm256_mul_ps(_mm256_sub_ps(to, from), _mm256_loadu_ps(share + i));
        _mm256_storeu_ps(target + i, _mm256_add_ps(from, rise));
    }
    return i;
}

#else

std::size_t find_levels_avx2(const CellRow&, std::size_t, Level*) noexcept { return 0; }

std::size_t find_levels_avx2(const StretchedRow&, std::size_t, Level*) noexcept { return 0; }

std::size_t draw_pixels_avx2(const Level*, std::size_t, const Palette&, const std::uint8_t*,
                             std::uint8_t*) noexcept {
    return 0;
}

std::size_t stretch_avx2(const float*, const std::int32_t*, const float*, std::size_t, float*) noexcept {
    return 0;
}

#endif

}  // namespace heatgrid
