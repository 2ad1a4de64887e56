#include "stamp_avx2.hpp"

#if defined(HEATGRID_AVX2)
#include <immintrin.h>

#include <algorithm>
#endif

namespace heatgrid {

#if defined(HEATGRID_AVX2)

__attribute__((target("avx2"))) std::size_t add_cells_avx2(double* cells, std::size_t count, double amount,
                                                           double& top) noexcept {
    const __m256d more = _mm256_set1_pd(amount);
    __m256d low_top = _mm256_set1_pd(top);
    __m256d high_top = low_top;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256d low = _mm256_add_pd(_mm256_loadu_pd(cells + i), more);
        const __m256d high = _mm256_add_pd(_mm256_loadu_pd(cells + i + 4), more);
        _mm256_storeu_pd(cells + i, low);
        _mm256_storeu_pd(cells + i + 4, high);
        low_top = _mm256_max_pd(low_top, low);
        high_top = _mm256_max_pd(high_top, high);
    }
    alignas(32) double tops[4];
    _mm256_store_pd(tops, _mm256_max_pd(low_top, high_top));
    top = *std::max_element(tops, tops + 4);
    return i;
}

#else

std::size_t add_cells_avx2(double*, std::size_t, double, double&) noexcept { return 0; }

#endif

}  // namespace heatgrid
