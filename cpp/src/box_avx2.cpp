#include "box_avx2.hpp"

#include <limits>

#if defined(HEATGRID_AVX2)
#include "avx2.hpp"
#endif

namespace heatgrid {

#if defined(HEATGRID_AVX2)

namespace {

// x and y of two boxes, one after the other: [x, y, x, y].
__attribute__((target("avx2"))) inline __m256d both(double x, double y) noexcept {
    return _mm256_setr_pd(x, y, x, y);
}

// The corners of two boxes, [x1, y1, x2, y2] each: their first corners, and the opposite ones.
struct Corners {
    __m256d first;
    __m256d opposite;
};

// The memory is asked for what comes `ahead` doubles later: grids keep the processor from foreseeing it.
__attribute__((target("avx2"))) inline Corners load_two(const double* corners) noexcept {
    constexpr std::size_t ahead = 4 * box_block;
    _mm_prefetch(reinterpret_cast<const char*>(corners + ahead), _MM_HINT_T0);
    const __m256d a = _mm256_loadu_pd(corners);
    const __m256d b = _mm256_loadu_pd(corners + 4);
    return {_mm256_permute2f128_pd(a, b, 0x20), _mm256_permute2f128_pd(a, b, 0x31)};
}

// The low halves of two corners' sums with `rounder`: [left, top, right, bottom] of two boxes.
__attribute__((target("avx2"))) inline __m256i whole_numbers(__m256d first, __m256d opposite) noexcept {
    return _mm256_castps_si256(
        _mm256_shuffle_ps(_mm256_castpd_ps(first), _mm256_castpd_ps(opposite), _MM_SHUFFLE(2, 0, 2, 0)));
}

// How far two coordinates in cells are from whole numbers, the farther of them; NaN where one is no number.
__attribute__((target("avx2"))) inline __m256d farther(__m256d a, __m256d rounded_a, __m256d b,
                                                       __m256d rounded_b) noexcept {
    return _mm256_max_pd(distance(a, rounded_a), distance(b, rounded_b));
}

// Two of [left, top, right, bottom].
__attribute__((target("avx2"))) inline void store_two(__m256i rectangles, Rectangle* to) noexcept {
    static_assert(sizeof(Rectangle) == sizeof(__m128i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_shuffle_epi32(rectangles, _MM_SHUFFLE(3, 1, 2, 0)));
}

// Writes down those of the boxes i and i + 1 that are not proven; returns how many there are by now.
inline std::size_t doubt(unsigned proven, std::size_t i, std::uint16_t* doubtful,
                         std::size_t doubts) noexcept {
    doubtful[doubts] = static_cast<std::uint16_t>(i);
    doubts += static_cast<std::size_t>((proven & 3U) != 3U);
    doubtful[doubts] = static_cast<std::uint16_t>(i + 1);
    doubts += static_cast<std::size_t>((proven & 12U) != 12U);
    return doubts;
}

}  // namespace

// Only functions of this file are compiled for AVX2, so that nothing they share with others can need it.

__attribute__((target("avx2"))) std::size_t scan_plain_boxes_avx2(const Boxes& boxes, std::size_t begin,
                                                                  std::size_t end, const Cells& cells,
                                                                  Rectangle* rectangles,
                                                                  std::uint16_t* doubtful) noexcept {
    const Axis& x = cells.x;
    const Axis& y = cells.y;
    const __m256d magic = _mm256_set1_pd(rounder);
    const __m256d scale = both(x.scale(), y.scale());
    const __m256d far_from_tie = both(0.5 - x.tie_margin(), 0.5 - y.tie_margin());
    const __m256d too_far = _mm256_set1_pd(0x1p30);
    const __m256d largest_size = _mm256_set1_pd(0x1p900);
    const __m256d zero = _mm256_setzero_pd();
    const __m256i most = _mm256_setr_epi32(x.cells(), y.cells(), x.cells(), y.cells(), x.cells(), y.cells(),
                                           x.cells(), y.cells());
    const std::size_t stride = boxes.sizes.stride;
    const double* sizes = boxes.sizes.normalised() ? nullptr : boxes.sizes.pairs + stride * begin;
    __m256d size = _mm256_set1_pd(1.0);
    if (sizes && stride == 0) size = both(sizes[0], sizes[1]);
    __m256d cells_per_unit = _mm256_div_pd(scale, size);
    std::size_t doubts = 0;
    for (std::size_t i = 0; i < end - begin; i += 2) {
        if (sizes && stride != 0) {
            size = _mm256_loadu_pd(sizes + stride * i);
            cells_per_unit = _mm256_div_pd(scale, size);
        }
        const Corners corners = load_two(boxes.corners + 4 * (begin + i));
        const __m256d from = _mm256_mul_pd(corners.first, cells_per_unit);
        const __m256d to = _mm256_mul_pd(corners.opposite, cells_per_unit);
        const __m256d first = _mm256_add_pd(from, magic);
        const __m256d last = _mm256_add_pd(to, magic);
        // Of two numbers, max takes the second where one is NaN; the other's distance is then NaN.
        const __m256d reach = _mm256_max_pd(magnitude(to), magnitude(from));
        __m256d proven = _mm256_cmp_pd(farther(from, first, to, last), far_from_tie, _CMP_LT_OQ);
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(reach, too_far, _CMP_LT_OQ));
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(zero, size, _CMP_LT_OQ));
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(size, largest_size, _CMP_LT_OQ));
        __m256i rectangle = whole_numbers(first, last);
        rectangle = _mm256_min_epi32(_mm256_max_epi32(rectangle, _mm256_setzero_si256()), most);
        const __m256i swapped = _mm256_shuffle_epi32(rectangle, _MM_SHUFFLE(1, 0, 3, 2));
        const __m256i has_centre = _mm256_cmpgt_epi32(swapped, rectangle);  // in the lower halves
        proven = _mm256_and_pd(proven, _mm256_castsi256_pd(_mm256_unpacklo_epi32(has_centre, has_centre)));
        store_two(rectangle, rectangles + i);
        const auto bits = static_cast<unsigned>(_mm256_movemask_pd(proven));
        if (bits != 15U) doubts = doubt(bits, i, doubtful, doubts);
    }
    return doubts;
}

__attribute__((target("avx2"))) std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin,
                                                            std::size_t end, const Cells& cells,
                                                            Rectangle* rectangles, Outcome* outcomes,
                                                            std::uint16_t* doubtful) noexcept {
    static_assert(sizeof(Outcome) == 1);
    static_assert(static_cast<int>(Outcome::counted) == 0 && static_cast<int>(Outcome::fallback) == 1);
    const __m256d zero = _mm256_setzero_pd();
    const __m256d one = _mm256_set1_pd(1.0);
    const __m256d magic = _mm256_set1_pd(rounder);
    const __m256d scale = both(cells.x.scale(), cells.y.scale());
    const __m256d half_scale = _mm256_mul_pd(scale, _mm256_set1_pd(0.5));
    const __m256d last_middle = _mm256_sub_pd(scale, _mm256_set1_pd(0.5));
    const __m256d far_from_tie = both(0.5 - cells.x.tie_margin(), 0.5 - cells.y.tie_margin());
    const __m256d infinity = _mm256_set1_pd(std::numeric_limits<double>::infinity());
    const __m256i next_cell = _mm256_setr_epi32(0, 0, 1, 1, 0, 0, 1, 1);
    const bool in_pixels = !boxes.sizes.normalised();
    const std::size_t stride = boxes.sizes.stride;
    __m256d size = one;
    if (in_pixels && stride == 0) size = both(boxes.sizes.pairs[0], boxes.sizes.pairs[1]);
    std::size_t doubts = 0;
    for (std::size_t i = 0; i < end - begin; i += 2) {
        Corners corners = load_two(boxes.corners + 4 * (begin + i));
        __m256d proven = _mm256_cmp_pd(one, one, _CMP_EQ_OQ);
        if (in_pixels) {
            if (stride) size = _mm256_loadu_pd(boxes.sizes.pairs + stride * (begin + i));
            corners = {_mm256_div_pd(corners.first, size), _mm256_div_pd(corners.opposite, size)};
            proven = _mm256_and_pd(_mm256_cmp_pd(zero, size, _CMP_LT_OQ),
                                   _mm256_cmp_pd(_mm256_sub_pd(size, size), zero, _CMP_EQ_OQ));
        }
        const __m256d p = corners.first;
        const __m256d q = corners.opposite;
        // NaN in q leaves an empty extent; in p, it is the reach.
        const __m256d low = _mm256_min_pd(_mm256_max_pd(_mm256_min_pd(p, q), zero), one);
        const __m256d high = _mm256_min_pd(_mm256_max_pd(_mm256_max_pd(p, q), zero), one);
        // Halving is exact, so it may come first.
        const __m256d middle =
            _mm256_min_pd(_mm256_mul_pd(_mm256_add_pd(low, high), half_scale), last_middle);
        const __m256d cell =
            _mm256_add_pd(_mm256_round_pd(middle, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC), magic);
        const __m256d from = _mm256_mul_pd(low, scale);
        const __m256d to = _mm256_mul_pd(high, scale);
        const __m256d first = _mm256_add_pd(from, magic);
        const __m256d last = _mm256_add_pd(to, magic);
        const __m256d reach = _mm256_max_pd(magnitude(q), magnitude(p));
        proven =
            _mm256_and_pd(proven, _mm256_cmp_pd(farther(from, first, to, last), far_from_tie, _CMP_LT_OQ));
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(low, high, _CMP_LT_OQ));
        proven = _mm256_and_pd(proven, _mm256_cmp_pd(reach, infinity, _CMP_LT_OQ));

        // A box has room for a centre when it has on both axes; else its middle's cell takes its place.
        __m256i wide = _mm256_castpd_si256(_mm256_cmp_pd(first, last, _CMP_LT_OQ));
        wide = _mm256_and_si256(wide, _mm256_shuffle_epi32(wide, _MM_SHUFFLE(1, 0, 3, 2)));
        const __m256i cells_of_middles = _mm256_add_epi32(whole_numbers(cell, cell), next_cell);
        store_two(_mm256_blendv_epi8(cells_of_middles, whole_numbers(first, last), wide), rectangles + i);
        const auto is_wide = static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(wide)));
        outcomes[i] = static_cast<Outcome>(~is_wide & 1U);
        outcomes[i + 1] = static_cast<Outcome>(~is_wide >> 2 & 1U);
        doubts = doubt(static_cast<unsigned>(_mm256_movemask_pd(proven)), i, doubtful, doubts);
    }
    return doubts;
}

#else

std::size_t scan_plain_boxes_avx2(const Boxes&, std::size_t, std::size_t, const Cells&, Rectangle*,
                                  std::uint16_t*) noexcept {
    return 0;
}

std::size_t scan_boxes_avx2(const Boxes&, std::size_t, std::size_t, const Cells&, Rectangle*, Outcome*,
                            std::uint16_t*) noexcept {
    return 0;
}

#endif

}  // namespace heatgrid
