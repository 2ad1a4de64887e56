#include "overlay_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <cstring>

#include "heatgrid/simd/intrinsics.hpp"

namespace heatgrid {

namespace {

HEATGRID_TARGET_AVX2 inline __m128 four_values(const CellRow& row, std::size_t i) noexcept {
    const __m256d scaled = _mm256_mul_pd(_mm256_loadu_pd(row.cells + i), _mm256_set1_pd(row.scale));
    return _mm256_cvtpd_ps(_mm256_min_pd(scaled, _mm256_set1_pd(most_scaled)));
}

HEATGRID_TARGET_AVX2 inline __m256 eight_values(const CellRow& row, std::size_t i) noexcept {
    return _mm256_set_m128(four_values(row, i + 4), four_values(row, i));
}

HEATGRID_TARGET_AVX2 inline __m256 eight_values(const StretchedRow& row, std::size_t i) noexcept {
    const __m256 low = _mm256_loadu_ps(row.low + i);
    const __m256 rise = _mm256_sub_ps(_mm256_loadu_ps(row.high + i), low);
    return _mm256_add_ps(low, _mm256_mul_ps(rise, _mm256_set1_ps(row.share)));
}

// Eight pixels, of 32 bits each: levels that may be less than 1, and whether there is heat.
struct Raw {
    __m256i level;
    __m256i is_hot;
};

HEATGRID_TARGET_AVX2 inline Raw eight_raw(__m256 values, float offset) noexcept {
    const __m256 raw = _mm256_add_ps(values, _mm256_set1_ps(offset));
    return {_mm256_cvttps_epi32(_mm256_min_ps(raw, _mm256_set1_ps(256.0F))),
            _mm256_cmpgt_epi32(_mm256_castps_si256(values), _mm256_setzero_si256())};
}

// The levels of the first of `count` pixels, sixteen at a time.
template <class Row>
HEATGRID_TARGET_AVX2 inline std::size_t find_levels(const Row& row, std::size_t count,
                                                    Level* levels) noexcept {
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const Raw a = eight_raw(eight_values(row, i), row.offset);
        const Raw b = eight_raw(eight_values(row, i + 8), row.offset);
        const __m256i level = _mm256_max_epi16(_mm256_packs_epi32(a.level, b.level), _mm256_set1_epi16(1));
        const __m256i mixed = _mm256_and_si256(level, _mm256_packs_epi32(a.is_hot, b.is_hot));
        // Packing goes by halves.
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(levels + i),
                            _mm256_permute4x64_epi64(mixed, _MM_SHUFFLE(3, 1, 2, 0)));
    }
    return i;
}

// Palette entries of four levels.
HEATGRID_TARGET_AVX2 inline __m256i four_entries(const Palette& palette, const Level* a,
                                                 const Level* b) noexcept {
    const auto entry = [&](Level level) { return reinterpret_cast<const double*>(palette.entries[level]); };
    const __m128d low = _mm_loadh_pd(_mm_load_sd(entry(a[0])), entry(a[1]));
    const __m128d high = _mm_loadh_pd(_mm_load_sd(entry(b[0])), entry(b[1]));
    return _mm256_castpd_si256(_mm256_set_m128d(high, low));
}

// Blends four pixels' bytes, of 16 bits each: the results are the upper bytes.
HEATGRID_TARGET_AVX2 inline __m256i blend(__m256i below, __m256i color) noexcept {
    const __m256i factor = _mm256_setr_epi8(6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15,  //
                                            6, 7, 6, 7, 6, 7, 6, 7, 14, 15, 14, 15, 14, 15, 14, 15);
    const __m256i sum =
        _mm256_add_epi16(_mm256_mullo_epi16(below, _mm256_shuffle_epi8(color, factor)), color);
    // A tie whose result is odd: one less is the even number.
    const __m256i is_odd_tie = _mm256_cmpeq_epi16(_mm256_slli_epi16(sum, 7), _mm256_set1_epi16(-0x8000));
    return _mm256_add_epi16(sum, is_odd_tie);
}

// Blends eight pixels: each half of the result has the twelve bytes of four of them.
HEATGRID_TARGET_AVX2 inline __m256i mix_eight(const Level* levels, const Palette& palette,
                                              const std::uint8_t* source) noexcept {
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
    return _mm256_or_si256(_mm256_shuffle_epi8(a, to_first), _mm256_shuffle_epi8(b, to_second));
}

// Sixteen pixels, of 48 bytes.
HEATGRID_TARGET_AVX2 inline void draw_sixteen(const Level* levels, const Palette& palette,
                                              const std::uint8_t* source, std::uint8_t* target) noexcept {
    const __m256i low = mix_eight(levels, palette, source);
    const __m256i high = mix_eight(levels + 8, palette, source + 24);
    const __m256i begin = _mm256_permutevar8x32_epi32(low, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 3));
    const __m256i end = _mm256_permutevar8x32_epi32(high, _mm256_setr_epi32(2, 4, 5, 6, 3, 3, 0, 1));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(target), _mm256_blend_epi32(begin, end, 0xC0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target + 32), _mm256_castsi256_si128(end));
}

}  // namespace

HEATGRID_TARGET_AVX2 std::size_t find_values_avx2(const CellRow& row, std::size_t count,
                                                  float* values) noexcept {
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4) _mm_storeu_ps(values + i, four_values(row, i));
    return i;
}

HEATGRID_TARGET_AVX2 std::size_t find_levels_avx2(const CellRow& row, std::size_t count,
                                                  Level* levels) noexcept {
    return find_levels(row, count, levels);
}

HEATGRID_TARGET_AVX2 std::size_t find_levels_avx2(const StretchedRow& row, std::size_t count,
                                                  Level* levels) noexcept {
    return find_levels(row, count, levels);
}

HEATGRID_TARGET_AVX2 std::size_t draw_pixels_avx2(const Level* levels, std::size_t count,
                                                  const Palette& palette, const std::uint8_t* source,
                                                  std::uint8_t* target) noexcept {
    constexpr std::size_t block = 16;
    constexpr std::size_t spare = 2;  // pixels that are read beyond a block
    const bool zero_is_clear = palette.is_clear(0);
    std::size_t i = 0;
    for (; i + block + spare <= count; i += block) {
        const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(levels + i));
        if (zero_is_clear && _mm256_testz_si256(all, all)) {
            if (source != target) std::memcpy(target + 3 * i, source + 3 * i, 3 * block);
        } else {
            draw_sixteen(levels + i, palette, source + 3 * i, target + 3 * i);
        }
    }
    return i;
}

HEATGRID_TARGET_AVX2 std::size_t stretch_avx2(const float* row, const std::int32_t* low, const float* share,
                                              std::size_t count, float* target) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const std::int32_t begin = low[i];
        if (low[i + 7] - begin > 7) break;
        const __m256i place = _mm256_sub_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(low + i)),
                                               _mm256_set1_epi32(begin));
        const __m256 from = _mm256_permutevar8x32_ps(_mm256_loadu_ps(row + begin), place);
        const __m256 to = _mm256_permutevar8x32_ps(_mm256_loadu_ps(row + begin + 1), place);
        const __m256 rise = _mm256_mul_ps(_mm256_sub_ps(to, from), _mm256_loadu_ps(share + i));
        _mm256_storeu_ps(target + i, _mm256_add_ps(from, rise));
    }
    return i;
}

}  // namespace heatgrid

#endif
