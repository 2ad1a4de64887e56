#include "stamp_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <algorithm>
#include <cstdint>

#include <immintrin.h>

namespace heatgrid {

namespace {

// Adds to four cells, and returns the sums.
HEATGRID_TARGET_AVX2 inline __m256d add_four(double* cells, __m256d more) noexcept {
    const __m256d sums = _mm256_add_pd(_mm256_loadu_pd(cells), more);
    _mm256_storeu_pd(cells, sums);
    return sums;
}

// Mask of the first `count` of four cells.
HEATGRID_TARGET_AVX2 inline __m256d first_of_four(std::int32_t count) noexcept {
    return _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(count), _mm256_setr_epi64x(0, 1, 2, 3)));
}

}  // namespace

HEATGRID_TARGET_AVX2 std::size_t add_strokes_avx2(const Stroke* strokes, std::size_t count,
                                                  const double* amounts, const Sums& heat,
                                                  double& top) noexcept {
    const auto columns = static_cast<std::size_t>(heat.grid.columns);
    const double* const end = heat.values + heat.grid.cells();
    __m256d tops[2] = {_mm256_set1_pd(top), _mm256_setzero_pd()};
    double last_top = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const Run& run = strokes[i].run;
        double* cells = heat.values + static_cast<std::size_t>(run.row) * columns + run.first;
        std::int32_t left = run.last - run.first;
        const __m256d more = _mm256_set1_pd(amounts[strokes[i].shape]);
        for (; left >= 8; left -= 8, cells += 8) {
            // The rows below are likely to follow: prefetched in two steps.
            _mm_prefetch(reinterpret_cast<const char*>(cells + 3 * columns), _MM_HINT_T1);
            _mm_prefetch(reinterpret_cast<const char*>(cells + columns), _MM_HINT_T0);
            tops[0] = _mm256_max_pd(tops[0], add_four(cells, more));
            tops[1] = _mm256_max_pd(tops[1], add_four(cells + 4, more));
        }
        if (end - cells >= 8) {  // adds 0 to the cells after the run
            for (int k = 0; k < 2; ++k) {
                const __m256d meant = first_of_four(left - 4 * k);
                const __m256d sums = add_four(cells + 4 * k, _mm256_and_pd(more, meant));
                tops[k] = _mm256_max_pd(tops[k], _mm256_and_pd(sums, meant));
            }
            continue;
        }
        for (; left > 0; --left, ++cells) {
            *cells += amounts[strokes[i].shape];
            last_top = std::max(last_top, *cells);
        }
    }
    alignas(32) double four[4];
    _mm256_store_pd(four, _mm256_max_pd(tops[0], tops[1]));
    top = std::max(last_top, *std::max_element(four, four + 4));
    return count;
}

}  // namespace heatgrid

#endif
