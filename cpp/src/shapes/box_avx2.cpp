#include "heatgrid/shapes/box_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <algorithm>

#include "heatgrid/shapes/four_boxes_avx2.hpp"

namespace heatgrid {

namespace {

// Stores two of [left, right, top, bottom], of 16 bits each.
HEATGRID_TARGET_AVX2 inline void store_two(__m128i words, Rectangle* to) noexcept {
    static_assert(sizeof(Rectangle) == sizeof(__m128i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_cvtepu16_epi32(words));
}

}  // namespace

// Only functions of this file are compiled for AVX2, so that shared inline functions never contain it.

HEATGRID_TARGET_AVX2 std::size_t scan_boxes_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                                 const Cells& cells, Rectangle* rectangles, Outcome* outcomes,
                                                 std::uint16_t* ambiguous) noexcept {
    FourBoxes fours(boxes, cells);
    std::size_t ambiguous_count = 0;
    std::fill_n(outcomes, end - begin, Outcome::counted);
    for (std::size_t i = 0; i < end - begin; i += FourBoxes::at_once) {
        const FourBoxes::Found found = fours.find(begin, i, outcomes);
        for (std::size_t k = 0; found.exact != FourBoxes::all && k < FourBoxes::at_once; ++k) {
            ambiguous[ambiguous_count] = static_cast<std::uint16_t>(i + k);
            ambiguous_count += ~found.exact >> k & 1U;
        }
        const __m128i first = _mm256_castsi256_si128(found.corners);
        const __m128i last = _mm256_extracti128_si256(found.corners, 1);
        store_two(_mm_unpacklo_epi16(first, last), rectangles + i);
        store_two(_mm_unpackhi_epi16(first, last), rectangles + i + 2);
    }
    return ambiguous_count;
}

}  // namespace heatgrid

#endif
