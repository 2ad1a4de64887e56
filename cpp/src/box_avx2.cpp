#include "box_avx2.hpp"

#if defined(HEATGRID_AVX2)
#include <immintrin.h>
#endif

namespace heatgrid {

#if defined(HEATGRID_AVX2)

namespace {

// x and y of two boxes, one after the other: [x, y, x, y].
__attribute__((target("avx2"))) inline __m256d both(double x, double y) noexcept {
    return _mm256_setr_pd(x, y, x, y);
}

}  // namespace

// Only this function is compiled for AVX2, so that nothing it shares with others can need it.
__attribute__((target("avx2"))) std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin,
                                                            std::size_t end, const Cells& cells,
                                                            Rectangle* rectangles, Outcome* outcomes,
                                                            std::uint16_t* doubtful) noexcept {
    static_assert(sizeof(Rectangle) == sizeof(__m128i) && sizeof(Outcome) == 1);
    static_assert(static_cast<int>(Outcome::counted) == 0 && static_cast<int>(Outcome::fallback) == 1);
    const __m256d zero = _mm256_setzero_pd();
    const __m256d one = _mm256_set1_pd(1.0);
    const __m256d half = _mm256_set1_pd(0.5);
    const __m256d sign = _mm256_set1_pd(-0.0);
    const __m256d scale = both(cells.x.scale(), cells.y.scale());
    const __m256d last_middle = _mm256_sub_pd(scale, half);
    const __m256d far_from_tie = both(0.5 - cells.x.tie_margin(), 0.5 - cells.y.tie_margin());
    const bool in_pixels = !boxes.sizes.normalised();
    const std::size_t stride = boxes.sizes.stride;
    __m256d size = one;
    if (in_pixels && stride == 0) size = both(boxes.sizes.pairs[0], boxes.sizes.pairs[1]);
    std::size_t doubts = 0;
    const std::size_t n = end - begin;
    for (std::size_t i = 0; i < n; i += 2) {
        const double* corners = boxes.corners + 4 * (begin + i);
        const __m256d a = _mm256_loadu_pd(corners);
        const __m256d b = _mm256_loadu_pd(corners + 4);
        __m256d p = _mm256_permute2f128_pd(a, b, 0x20);  // first corners of both boxes
        __m256d q = _mm256_permute2f128_pd(a, b, 0x31);  // their opposite corners
        __m256d proven = _mm256_cmp_pd(one, one, _CMP_EQ_OQ);
        if (in_pixels) {
            if (stride) size = _mm256_loadu_pd(boxes.sizes.pairs + stride * (begin + i));
            p = _mm256_div_pd(p, size);
            q = _mm256_div_pd(q, size);
            proven = _mm256_and_pd(_mm256_cmp_pd(zero, size, _CMP_LT_OQ),
                                   _mm256_cmp_pd(_mm256_sub_pd(size, size), zero, _CMP_EQ_OQ));
        }
        const __m256d low = _mm256_min_pd(_mm256_max_pd(_mm256_min_pd(p, q), zero), one);
        const __m256d high = _mm256_min_pd(_mm256_max_pd(_mm256_max_pd(p, q), zero), one);
        const __m256d middle =
            _mm256_min_pd(_mm256_mul_pd(_mm256_mul_pd(_mm256_add_pd(low, high), half), scale), last_middle);
        const __m256d from = _mm256_add_pd(_mm256_mul_pd(low, scale), half);
        const __m256d to = _mm256_add_pd(_mm256_mul_pd(high, scale), half);
        const __m128i cell = _mm256_cvttpd_epi32(middle);
        const __m128i first = _mm256_cvttpd_epi32(from);
        const __m128i last = _mm256_cvttpd_epi32(to);
        const __m256d from_part = _mm256_sub_pd(_mm256_sub_pd(from, _mm256_cvtepi32_pd(first)), half);
        const __m256d to_part = _mm256_sub_pd(_mm256_sub_pd(to, _mm256_cvtepi32_pd(last)), half);
        const __m256d distance =
            _mm256_max_pd(_mm256_andnot_pd(sign, from_part), _mm256_andnot_pd(sign, to_part));
        const __m256d sum = _mm256_add_pd(p, q);
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(distance, far_from_tie, _CMP_LT_OQ));
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(low, high, _CMP_LT_OQ));
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(_mm256_sub_pd(sum, sum), zero, _CMP_EQ_OQ));

        // A box has room for a centre when it has on both axes; else its middle's cell takes its place.
        const __m128i has_centre = _mm_cmpgt_epi32(last, first);
        const __m128i is_wide = _mm_and_si128(has_centre, _mm_shuffle_epi32(has_centre, 0xB1));
        const __m128i left_top = _mm_blendv_epi8(cell, first, is_wide);
        const __m128i right_bottom = _mm_blendv_epi8(_mm_sub_epi32(cell, _mm_set1_epi32(-1)), last, is_wide);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rectangles + i),
                         _mm_unpacklo_epi32(left_top, right_bottom));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(rectangles + i + 1),
                         _mm_unpackhi_epi32(left_top, right_bottom));
        const int wide = _mm_movemask_ps(_mm_castsi128_ps(is_wide));
        outcomes[i] = static_cast<Outcome>(~wide & 1);
        outcomes[i + 1] = static_cast<Outcome>(~wide >> 2 & 1);
        const int bits = _mm256_movemask_pd(proven);
        doubtful[doubts] = static_cast<std::uint16_t>(i);
        doubts += static_cast<std::size_t>((bits & 3) != 3);
        doubtful[doubts] = static_cast<std::uint16_t>(i + 1);
        doubts += static_cast<std::size_t>((bits & 12) != 12);
    }
    return doubts;
}

#else

std::size_t scan_boxes_avx2(const Boxes&, std::size_t, std::size_t, const Cells&, Rectangle*, Outcome*,
                            std::uint16_t*) noexcept {
    return 0;
}

#endif

}  // namespace heatgrid
