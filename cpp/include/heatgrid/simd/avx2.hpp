// Operations on four doubles, for functions that are compiled for AVX2.
#pragma once

#include "heatgrid/simd/intrinsics.hpp"

namespace heatgrid {

/// Adding this constant rounds to the nearest integer, which becomes the low half of the sum's bits; for
/// magnitudes below 2^31.
inline constexpr double rounder = 0x1.8p52;

HEATGRID_TARGET_AVX2 inline __m256d magnitude(__m256d v) noexcept {
    return _mm256_andnot_pd(_mm256_set1_pd(-0.0), v);
}

/// Distance of numbers from integers, given their sums with `rounder`.
HEATGRID_TARGET_AVX2 inline __m256d distance(__m256d v, __m256d rounded) noexcept {
    return magnitude(_mm256_sub_pd(v, _mm256_sub_pd(rounded, _mm256_set1_pd(rounder))));
}

}  // namespace heatgrid
