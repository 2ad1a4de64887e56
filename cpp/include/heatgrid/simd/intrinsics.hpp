// The intrinsics of SSE2 and AVX2: those of x86-64, elsewhere SIMDe's, with the same results.
#pragma once

#include "heatgrid/simd/processor.hpp"

#if defined(HEATGRID_SIMDE)

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx2.h>

namespace heatgrid {

// SIMDe takes the processor's own minimum and maximum of doubles, which are NaN if either number is. On
// x86-64 they are the second number unless the first is less, or greater.
inline __m128d lesser(__m128d a, __m128d b) noexcept { return _mm_blendv_pd(b, a, _mm_cmplt_pd(a, b)); }
inline __m128d greater(__m128d a, __m128d b) noexcept { return _mm_blendv_pd(b, a, _mm_cmpgt_pd(a, b)); }
inline __m256d lesser(__m256d a, __m256d b) noexcept {
    return _mm256_blendv_pd(b, a, _mm256_cmp_pd(a, b, _CMP_LT_OQ));
}
inline __m256d greater(__m256d a, __m256d b) noexcept {
    return _mm256_blendv_pd(b, a, _mm256_cmp_pd(a, b, _CMP_GT_OQ));
}

}  // namespace heatgrid

#undef _mm_min_pd
#undef _mm_max_pd
#undef _mm256_min_pd
#undef _mm256_max_pd
#define _mm_min_pd ::heatgrid::lesser
#define _mm_max_pd ::heatgrid::greater
#define _mm256_min_pd ::heatgrid::lesser
#define _mm256_max_pd ::heatgrid::greater

#elif defined(HEATGRID_AVX2)
#include <immintrin.h>
#elif defined(HEATGRID_SSE2)
#include <emmintrin.h>
#endif
