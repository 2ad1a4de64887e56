#include "polygon_avx2.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "heatgrid/processor.hpp"
#include "heatgrid/slots.hpp"

#if defined(HEATGRID_AVX2)
#include "avx2.hpp"
#endif

namespace heatgrid {

#if defined(HEATGRID_AVX2)

namespace {

// The whole numbers of sums with `rounder`.
__attribute__((target("avx2"))) inline __m128i low_halves(__m256d rounded) noexcept {
    const __m128 low = _mm_castpd_ps(_mm256_castpd256_pd128(rounded));
    const __m128 high = _mm_castpd_ps(_mm256_extractf128_pd(rounded, 1));
    return _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
}

// For each set of four: how many it has, and the bytes that move them to the front, as 32-bit numbers.
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

__attribute__((target("avx2"))) Extent extent_of(__m256d low, __m256d high, __m256d nan) noexcept {
    const __m128d lowest = _mm_min_pd(_mm256_castpd256_pd128(low), _mm256_extractf128_pd(low, 1));
    const __m128d highest = _mm_max_pd(_mm256_castpd256_pd128(high), _mm256_extractf128_pd(high, 1));
    alignas(16) double corners[4];
    _mm_store_pd(corners, lowest);
    _mm_store_pd(corners + 2, highest);
    Extent extent;
    extent.include(Pair::load(corners));
    extent.include(Pair::load(corners + 2));
    if (_mm256_movemask_pd(nan) != 0) extent.include(Pair(std::numeric_limits<double>::quiet_NaN()));
    return extent;
}

}  // namespace

__attribute__((target("avx2"))) RingScan scan_ring_avx2(const double* vertices, std::size_t first,
                                                        std::size_t last, const Axis& rows,
                                                        std::int32_t* rows_above,
                                                        PolygonEdge* edges) noexcept {
    const __m256d scale = _mm256_set1_pd(rows.scale());
    const __m256d magic = _mm256_set1_pd(rounder);
    const __m256d zero = _mm256_setzero_pd();
    __m256d low = _mm256_set1_pd(std::numeric_limits<double>::infinity());
    __m256d high = _mm256_sub_pd(zero, low);
    __m256d nan = zero;
    __m256d farthest = zero;
    __m128i before = _mm_setzero_si128();
    unsigned is_new = 14;  // the first vertex has none before it: its edge comes last
    std::size_t found = 0;
    const std::size_t count = last - first;
    for (std::size_t done = 0; done < count; done += 4) {
        // At the end, the last four again, in part.
        const std::size_t skipped = std::min(done, count - 4);
        const std::size_t at = first + skipped;
        is_new &= 15U << (done - skipped);
        const __m256d a = _mm256_loadu_pd(vertices + 2 * at);
        const __m256d b = _mm256_loadu_pd(vertices + 2 * at + 4);
        low = _mm256_min_pd(_mm256_min_pd(a, b), low);
        high = _mm256_max_pd(_mm256_max_pd(a, b), high);
        nan = _mm256_or_pd(nan, _mm256_cmp_pd(a, b, _CMP_UNORD_Q));
        const __m256d y = _mm256_mul_pd(_mm256_unpackhi_pd(a, b), scale);  // of 0, 2, 1, 3
        const __m256d cut = _mm256_min_pd(_mm256_max_pd(y, zero), scale);
        const __m256d rounded = _mm256_add_pd(cut, magic);
        farthest = _mm256_max_pd(distance(cut, rounded), farthest);
        const __m128i here = _mm_shuffle_epi32(low_halves(rounded), _MM_SHUFFLE(3, 1, 2, 0));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rows_above + at), here);
        const __m128i same = _mm_cmpeq_epi32(here, _mm_alignr_epi8(here, before, 12));
        const unsigned crossing = ~static_cast<unsigned>(_mm_movemask_ps(_mm_castsi128_ps(same))) & is_new;
        const Choice& choice = choices.of[crossing];
        const __m128i to =
            _mm_shuffle_epi8(_mm_add_epi32(_mm_set1_epi32(static_cast<int>(at)), _mm_setr_epi32(0, 1, 2, 3)),
                             _mm_loadu_si128(reinterpret_cast<const __m128i*>(choice.bytes)));
        const __m128i from = _mm_add_epi32(to, _mm_set1_epi32(-1));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(edges + found), _mm_unpacklo_epi32(from, to));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(edges + found + 2), _mm_unpackhi_epi32(from, to));
        found += choice.count;
        before = here;
        is_new = 15;
    }
    edges[found] = {static_cast<std::uint32_t>(last - 1), static_cast<std::uint32_t>(first)};
    found += static_cast<std::size_t>(rows_above[last - 1] != rows_above[first]);
    const __m256d sure = _mm256_cmp_pd(farthest, _mm256_set1_pd(0.5 - rows.tie_margin()), _CMP_LT_OQ);
    return {extent_of(low, high, nan), _mm256_movemask_pd(sure) == 15, found};
}

__attribute__((target("avx2"))) CrossingsFound guess_crossings_avx2(const CrossingTask& given) noexcept {
    const CrossingTask task = given;  // what is written below cannot change it
    const __m256d magic = _mm256_set1_pd(rounder);
    const __m256d low = _mm256_set1_pd(static_cast<double>(task.first_column));
    const __m256d high = _mm256_set1_pd(static_cast<double>(task.last_column));
    const __m256d sure = _mm256_set1_pd(task.sure);
    const __m128i next = _mm_setr_epi32(0, 1, 2, 3);
    const __m128i four = _mm_set1_epi32(4);
    std::size_t k = 0;
    std::size_t count = 0;
    std::size_t doubts = 0;
    std::size_t left_out = 0;
    for (; k < task.edge_count && count + left_out < task.limit; ++k) {
        const PolygonEdge edge = task.edges[k];
        const double* i = task.vertices + 2 * std::size_t{edge.to};
        const double* j = task.vertices + 2 * std::size_t{edge.from};
        const double rise = j[1] - i[1];
        const __m256d slope = _mm256_set1_pd((j[0] - i[0]) / rise * task.columns_across);
        const __m256d x = _mm256_set1_pd(i[0] * task.columns_across);
        const __m256d y = _mm256_set1_pd(i[1]);
        const std::int32_t a = task.rows_above[edge.from];
        const std::int32_t b = task.rows_above[edge.to];
        const std::int32_t top = smaller(a, b);
        const std::int32_t height = greater(a, b) - top;
        const double* const centres = task.row_centres + top;
        std::int32_t* const columns = task.columns + count;
        std::int32_t* const rows = task.rows + count;
        __m256d farthest = _mm256_setzero_pd();
        __m128i row = _mm_add_epi32(_mm_set1_epi32(top), next);
        for (std::int32_t r = 0; r < height; r += 4) {
            const __m256d below = _mm256_sub_pd(_mm256_loadu_pd(centres + r), y);
            const __m256d place = _mm256_add_pd(_mm256_mul_pd(slope, below), x);
            const __m256d cut = _mm256_min_pd(_mm256_max_pd(place, low), high);
            const __m256d rounded = _mm256_add_pd(cut, magic);
            farthest = _mm256_max_pd(distance(cut, rounded), farthest);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(columns + r), low_halves(rounded));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(rows + r), row);
            row = _mm_add_epi32(row, four);
        }
        const int is_sure = _mm256_movemask_pd(_mm256_cmp_pd(farthest, sure, _CMP_LT_OQ));
        if ((is_sure == 15) & (std::fabs(rise) >= task.least_rise)) {
            count += static_cast<std::size_t>(height);
        } else {
            task.doubts[doubts++] = edge;
            left_out += static_cast<std::size_t>(height);
        }
    }
    return {k, count, doubts};
}

#else

RingScan scan_ring_avx2(const double*, std::size_t, std::size_t, const Axis&, std::int32_t*,
                        PolygonEdge*) noexcept {
    return {};
}

CrossingsFound guess_crossings_avx2(const CrossingTask&) noexcept { return {}; }

#endif

}  // namespace heatgrid
