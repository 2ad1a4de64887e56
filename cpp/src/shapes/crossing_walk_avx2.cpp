#include "crossing_walk_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <algorithm>
#include <cmath>

#include "heatgrid/simd/avx2.hpp"

namespace heatgrid {

namespace {

// The integers in sums with `rounder`.
HEATGRID_TARGET_AVX2 inline __m128i low_halves(__m256d rounded) noexcept {
    const __m128 low = _mm_castpd_ps(_mm256_castpd256_pd128(rounded));
    const __m128 high = _mm_castpd_ps(_mm256_extractf128_pd(rounded, 1));
    return _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
}

HEATGRID_TARGET_AVX2 inline __m256i low_halves(__m256d first, __m256d second) noexcept {
    const __m256 mixed =
        _mm256_shuffle_ps(_mm256_castpd_ps(first), _mm256_castpd_ps(second), _MM_SHUFFLE(2, 0, 2, 0));
    return _mm256_permute4x64_epi64(_mm256_castps_si256(mixed), _MM_SHUFFLE(3, 1, 2, 0));
}

// Per subset of four lanes: its size, and the shuffle that moves its 32-bit lanes to the front.
struct Choice {
    std::int8_t bytes[16];
    std::size_t count;
};

struct Choices {
    Choice of[16];

    constexpr Choices() : of{} {
        for (unsigned set = 0; set < 16; ++set) {
            for (unsigned i = 0; i < 4; ++i) {
                if (((set >> i) & 1U) == 0) continue;
                for (unsigned b = 0; b < 4; ++b) {
                    of[set].bytes[4 * of[set].count + b] = static_cast<std::int8_t>(4 * i + b);
                }
                ++of[set].count;
            }
        }
    }
};

constexpr Choices choices;

// Mask of the last n of four lanes, read from index n on.
constexpr std::int32_t last_lanes[8] = {0, 0, 0, 0, -1, -1, -1, -1};

}  // namespace

HEATGRID_TARGET_AVX2 RingScan scan_ring_avx2(const double* vertices, std::size_t first, std::size_t last,
                                             const Axis& rows, std::int32_t* rows_above,
                                             std::uint32_t* edges) noexcept {
    const __m256d scale = _mm256_set1_pd(rows.scale());
    const __m256d magic = _mm256_set1_pd(rounder);
    const __m256d zero = _mm256_setzero_pd();
    const __m128i next = _mm_setr_epi32(0, 1, 2, 3);
    __m256d bits = zero;
    __m256d farthest = zero;
    __m128i before = _mm_setzero_si128();
    std::size_t fresh = 3;  // lanes at the end: the first vertex has none before it, its edge comes last
    std::size_t found = 0;
    const std::size_t count = last - first;
    for (std::size_t done = 0; done < count; done += 4) {
        // The last iteration processes the last four vertices again, in part.
        const std::size_t skipped = std::min(done, count - 4);
        const std::size_t at = first + skipped;
        fresh -= done - skipped;
        const __m256d a = _mm256_loadu_pd(vertices + 2 * at);
        const __m256d b = _mm256_loadu_pd(vertices + 2 * at + 4);
        bits = _mm256_or_pd(_mm256_or_pd(a, b), bits);
        const __m256d y = _mm256_mul_pd(_mm256_unpackhi_pd(a, b), scale);  // of 0, 2, 1, 3
        const __m256d cut = _mm256_min_pd(_mm256_max_pd(y, zero), scale);
        const __m256d rounded = _mm256_add_pd(cut, magic);
        farthest = _mm256_max_pd(distance(cut, rounded), farthest);
        const __m128i here = _mm_shuffle_epi32(low_halves(rounded), _MM_SHUFFLE(3, 1, 2, 0));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rows_above + at), here);
        const __m128i same = _mm_cmpeq_epi32(here, _mm_alignr_epi8(here, before, 12));
        const __m128i used = _mm_loadu_si128(reinterpret_cast<const __m128i*>(last_lanes + fresh));
        const int crossing = _mm_movemask_ps(_mm_castsi128_ps(_mm_andnot_si128(same, used)));
        const Choice& choice = choices.of[crossing];
        const __m128i to = _mm_shuffle_epi8(_mm_add_epi32(_mm_set1_epi32(static_cast<int>(at)), next),
                                            _mm_loadu_si128(reinterpret_cast<const __m128i*>(choice.bytes)));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(edges + found), to);
        found += choice.count;
        before = here;
        fresh = 4;
    }
    edges[found] = static_cast<std::uint32_t>(first);
    found += static_cast<std::size_t>(rows_above[last - 1] != rows_above[first]);
    const __m256d error_bound = _mm256_cmp_pd(farthest, _mm256_set1_pd(0.5 - rows.tie_margin()), _CMP_LT_OQ);
    // The highest bit of the exponent is set from 2 on, and for infinity and NaN.
    const __m256d large = _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(bits), 1));
    return {found, _mm256_movemask_pd(error_bound) == 15, _mm256_movemask_pd(large) == 0};
}

HEATGRID_TARGET_AVX2 std::size_t estimate_ring_avx2(const RingWalk& original) noexcept {
    const RingWalk walk = original;  // a copy, since the stores below may alias
    const __m256d magic = _mm256_set1_pd(rounder);
    const __m256d low = _mm256_setzero_pd();
    const __m256d high = _mm256_set1_pd(walk.columns_across);
    const double* const centers_from[2] = {walk.centers_up + walk.rows, walk.centers_down};
    __m256d farthest = _mm256_setzero_pd();
    double smallest_rise = 1.0;
    std::uint32_t crossings = 0;
    const std::int32_t start = walk.rows_above[walk.before(walk.edges[0])];
    std::int32_t led_up = static_cast<std::int32_t>(start < walk.rows_above[walk.edges[0]]) - 1;
    LocalExtremum* extremum = walk.extrema;
    *extremum++ = {start, 0};
    for (std::size_t k = 0; k < walk.edge_count; ++k) {
        const std::uint32_t to = walk.edges[k];
        const std::uint32_t from = walk.before(to);
        const double* const i = walk.vertices + 2 * std::size_t{to};
        const double* const j = walk.vertices + 2 * std::size_t{from};
        const double rise = j[1] - i[1];
        smallest_rise = std::min(std::fabs(rise), smallest_rise);
        const __m256d slope = _mm256_set1_pd((j[0] - i[0]) / rise * walk.columns_across);
        const __m256d x = _mm256_set1_pd(i[0] * walk.columns_across);
        const __m256d y = _mm256_set1_pd(i[1]);
        const std::int32_t begin = walk.rows_above[from];
        const std::int32_t end = walk.rows_above[to];
        // -1 if the edge leads up, else 0; branchless, since extrema are unpredictable.
        const std::int32_t leads_up = static_cast<std::int32_t>(begin < end) - 1;
        extremum += (leads_up ^ led_up) & 1;
        led_up = leads_up;
        const std::int32_t height = ((end - begin) ^ leads_up) - leads_up;
        const double* const centers = centers_from[leads_up + 1] + ((begin ^ leads_up) - leads_up);
        std::int32_t* const columns = walk.columns + crossings;
        std::int32_t r = 0;
        do {
            const __m256d below = _mm256_sub_pd(_mm256_loadu_pd(centers + r), y);
            const __m256d below4 = _mm256_sub_pd(_mm256_loadu_pd(centers + r + 4), y);
            const __m256d place = _mm256_add_pd(_mm256_mul_pd(slope, below), x);
            const __m256d place4 = _mm256_add_pd(_mm256_mul_pd(slope, below4), x);
            const __m256d cut = _mm256_min_pd(_mm256_max_pd(place, low), high);
            const __m256d cut4 = _mm256_min_pd(_mm256_max_pd(place4, low), high);
            const __m256d rounded = _mm256_add_pd(cut, magic);
            const __m256d rounded4 = _mm256_add_pd(cut4, magic);
            const __m256d farther = _mm256_max_pd(distance(cut, rounded), distance(cut4, rounded4));
            farthest = _mm256_max_pd(farther, farthest);
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(columns + r), low_halves(rounded, rounded4));
            r += 8;
        } while (r < height);
        crossings += static_cast<std::uint32_t>(height);
        *extremum = {end, crossings};
    }
    const __m256d error_bound = _mm256_cmp_pd(farthest, _mm256_set1_pd(walk.error_bound), _CMP_LT_OQ);
    const bool is_exact = (_mm256_movemask_pd(error_bound) == 15) & (smallest_rise >= min_rise);
    return is_exact ? static_cast<std::size_t>(extremum - walk.extrema) : 0;
}

}  // namespace heatgrid

#endif
