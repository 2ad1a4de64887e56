// Four boxes at once to rectangles of cells under Rule::center, for functions that are compiled for AVX2.
//
// Fixed-point lanes: adding a large constant to a double shifts its fraction to a fixed position of the
// mantissa, so that the low half of the sum's bits is the coordinate in cells with 16 binary places (the 2^52
// trick; see H. S. Warren, "Hacker's Delight", chapter 17). One multiplication and one addition per
// coordinate. The cell is exact unless those places are all 0. Grids have at most 2^15 - 2 cells per side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "heatgrid/grid/cells.hpp"
#include "heatgrid/grid/geometry.hpp"
#include "heatgrid/grid/outcome.hpp"
#include "heatgrid/simd/avx2.hpp"

namespace heatgrid {

class FourBoxes {
  public:
    static constexpr std::size_t at_once = 4;
    static constexpr unsigned all = 15;

    struct Found {
        // [left, top] of the four boxes, then [right, bottom]; 16 bits each, none negative.
        __m256i corners;
        unsigned exact;  // one bit per box, that of the first one lowest
    };

    HEATGRID_TARGET_AVX2 FourBoxes(const Boxes& boxes, const Cells& cells) noexcept
        : boxes_(boxes),
          has_own_sizes_(!boxes.sizes.normalized() && boxes.sizes.stride != 0),
          scale_(_mm256_setr_pd(cells.x.scale(), cells.y.scale(), cells.x.scale(), cells.y.scale())),
          per_unit_(scale_),
          sizes_(_mm256_set1_epi32(cells.y.cells() << 16 | cells.x.cells())),
          nearest_(_mm256_set1_epi32(static_cast<std::int32_t>(at_zero))),
          farthest_(_mm256_add_epi32(
              nearest_, _mm256_setr_epi32(cells.x.cells() << 16, cells.y.cells() << 16, cells.x.cells() << 16,
                                          cells.y.cells() << 16, cells.x.cells() << 16, cells.y.cells() << 16,
                                          cells.x.cells() << 16, cells.y.cells() << 16))) {
        if (boxes.sizes.normalized() || has_own_sizes_) return;
        const double width = boxes.sizes.width(0);
        const double height = boxes.sizes.height(0);
        const __m256d size = _mm256_setr_pd(width, height, width, height);
        // Sets all bits, which are a NaN, if the size is invalid; then no box is exact.
        per_unit_ = _mm256_or_pd(_mm256_div_pd(scale_, size), _mm256_xor_pd(is_valid(size), ones()));
    }

    /// Boxes begin + i .. begin + i + 3. The outcomes at i .. i + 3, `counted` before, become
    /// `counted_as_point` for boxes that contain no center.
    HEATGRID_TARGET_AVX2 Found find(std::size_t begin, std::size_t i, Outcome* outcomes) noexcept {
        // Irregular boxes are evaluated twice, unless there are many.
        const bool may_be_regular = 8 * at_once * misses_ <= i;
        if (may_be_regular) {
            const Found found = regular(begin + i);
            if (found.exact == all) return found;
            ++misses_;
        }
        return any(begin + i, outcomes + i);
    }

  private:
    // The position 0 plus half a cell, since centers are counted, plus 2^15 cells, so that it is never
    // negative.
    static constexpr std::uint32_t at_zero = 0x80008000U;
    static constexpr double zero = 0x1.8p36 + 0x1p15 + 0.5;

    // Coordinates of four boxes, in cells with 16 binary places: [x1, y1, x1, y1 | x2, y2, x2, y2] of the
    // first two, and of the last two. All bits of are_valid are set if all are within 2^15 cells and
    // determine their cells.
    struct Places {
        __m256i first;
        __m256i last;
        __m256i are_valid;
    };

    // Exact if the corners are in order and the boxes contain a center.
    HEATGRID_TARGET_AVX2 Found regular(std::size_t i) const noexcept {
        const Places places = read(i);
        const __m256i biased =
            _mm256_packus_epi32(_mm256_srli_epi32(places.first, 16), _mm256_srli_epi32(places.last, 16));
        const __m256i corners =
            _mm256_min_epu16(_mm256_subs_epu16(biased, _mm256_set1_epi16(-0x8000)), sizes_);
        const __m256i opposite = _mm256_permute2x128_si256(corners, corners, 1);
        const __m256i has_center =
            _mm256_blend_epi32(_mm256_cmpgt_epi16(opposite, corners), _mm256_set1_epi32(-1), 0xF0);
        const __m256i exact = _mm256_and_si256(places.are_valid, has_center);
        return {corners, _mm256_movemask_epi8(exact) == -1 ? all : 0};
    }

    // Accepts corners in any order.
    HEATGRID_TARGET_AVX2 Found any(std::size_t i, Outcome* outcomes) const noexcept {
        const Places places = read(i);
        const __m256i one = clamp(_mm256_permute2x128_si256(places.first, places.last, 0x20));
        const __m256i other = clamp(_mm256_permute2x128_si256(places.first, places.last, 0x31));
        const __m256i low = _mm256_min_epu32(one, other);
        const __m256i high = _mm256_max_epu32(one, other);
        const __m256i first = _mm256_srli_epi32(low, 16);
        const __m256i last = _mm256_srli_epi32(high, 16);
        __m256i is_wide = _mm256_cmpgt_epi32(last, first);
        is_wide = _mm256_and_si256(is_wide, _mm256_shuffle_epi32(is_wide, _MM_SHUFFLE(2, 3, 0, 1)));

        // The middle is less than two units of the last place too far right; it determines its cell with that
        // margin.
        const __m256i twice = _mm256_sub_epi32(high, low);
        const __m256i middle =
            _mm256_sub_epi32(_mm256_add_epi32(low, _mm256_srli_epi32(twice, 1)), _mm256_set1_epi32(0x7FFF));
        const __m256i is_near =
            _mm256_cmpeq_epi32(_mm256_and_si256(middle, _mm256_set1_epi32(0xFFFE)), _mm256_setzero_si256());
        const __m256i has_extent = _mm256_cmpgt_epi32(high, low);
        const __m256i is_tiny = _mm256_andnot_si256(is_near, has_extent);
        const __m256i cell = _mm256_srli_epi32(middle, 16);
        const __m256i next = _mm256_add_epi32(cell, _mm256_set1_epi32(1));
        const __m256i biased = _mm256_packus_epi32(_mm256_blendv_epi8(cell, first, is_wide),
                                                   _mm256_blendv_epi8(next, last, is_wide));
        const __m256i corners = _mm256_xor_si256(_mm256_permute4x64_epi64(biased, _MM_SHUFFLE(3, 1, 2, 0)),
                                                 _mm256_set1_epi16(-0x8000));
        store_outcomes(is_wide, outcomes);
        return {corners, which(places.are_valid, _mm256_or_si256(is_wide, is_tiny))};
    }

    // One byte per box, from the lower halves of 64 bits.
    HEATGRID_TARGET_AVX2 static void store_outcomes(__m256i is_wide, Outcome* outcomes) noexcept {
        static_assert(sizeof(Outcome) == 1);
        static_assert(static_cast<int>(Outcome::counted) == 0 &&
                      static_cast<int>(Outcome::counted_as_point) == 1);
        const __m256i bits = _mm256_add_epi32(is_wide, _mm256_set1_epi32(1));
        const __m256i places =
            _mm256_setr_epi8(0, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,  //
                             -1, -1, 0, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        const __m256i bytes = _mm256_shuffle_epi8(bits, places);
        const __m128i four = _mm_or_si128(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
        const int word = _mm_cvtsi128_si32(four);
        std::memcpy(outcomes, &word, sizeof word);
    }

    HEATGRID_TARGET_AVX2 Places read(std::size_t i) const noexcept {
        const double* const corners = boxes_.corners + 4 * i;
        // Random grid access defeats the hardware prefetcher.
        constexpr std::size_t ahead = 256;
        _mm_prefetch(reinterpret_cast<const char*>(corners + ahead), _MM_HINT_T0);
        _mm_prefetch(reinterpret_cast<const char*>(corners + ahead + 8), _MM_HINT_T0);
        __m256d per_unit[4] = {per_unit_, per_unit_, per_unit_, per_unit_};
        __m256i are_valid = _mm256_set1_epi32(-1);
        if (has_own_sizes_) {
            const double* const sizes = boxes_.sizes.pairs + 2 * i;
            const __m256d a = _mm256_loadu_pd(sizes);
            const __m256d b = _mm256_loadu_pd(sizes + 4);
            const __m256d per_a = _mm256_div_pd(scale_, a);
            const __m256d per_b = _mm256_div_pd(scale_, b);
            per_unit[0] = _mm256_permute2f128_pd(per_a, per_a, 0x00);
            per_unit[1] = _mm256_permute2f128_pd(per_a, per_a, 0x11);
            per_unit[2] = _mm256_permute2f128_pd(per_b, per_b, 0x00);
            per_unit[3] = _mm256_permute2f128_pd(per_b, per_b, 0x11);
            are_valid = _mm256_castpd_si256(_mm256_and_pd(is_valid(a), is_valid(b)));
        }
        __m256d sums[4];
        for (std::size_t k = 0; k < 4; ++k) {
            const __m256d cells = _mm256_mul_pd(_mm256_loadu_pd(corners + 4 * k), per_unit[k]);
            sums[k] = _mm256_add_pd(cells, _mm256_set1_pd(zero));
        }
        const __m256i first = halves<0>(sums[0], sums[1]);
        const __m256i last = halves<0>(sums[2], sums[3]);
        // The high halves of all sums in range are equal.
        std::uint64_t bits = 0;
        std::memcpy(&bits, &zero, sizeof bits);
        const __m256i high = _mm256_set1_epi32(static_cast<std::int32_t>(bits >> 32));
        are_valid = _mm256_and_si256(are_valid, _mm256_cmpeq_epi32(halves<1>(sums[0], sums[1]), high));
        are_valid = _mm256_and_si256(are_valid, _mm256_cmpeq_epi32(halves<1>(sums[2], sums[3]), high));
        const __m256i places = _mm256_blend_epi16(first, _mm256_slli_epi32(last, 16), 0xAA);
        const __m256i is_near = _mm256_cmpeq_epi16(places, _mm256_setzero_si256());
        return {first, last, _mm256_andnot_si256(is_near, are_valid)};
    }

    // The low halves (0) or the high ones (1) of eight doubles.
    template <int half>
    HEATGRID_TARGET_AVX2 static __m256i halves(__m256d a, __m256d b) noexcept {
        return _mm256_castps_si256(_mm256_shuffle_ps(_mm256_castpd_ps(a), _mm256_castpd_ps(b),
                                                     _MM_SHUFFLE(2 + half, half, 2 + half, half)));
    }

    HEATGRID_TARGET_AVX2 __m256i clamp(__m256i places) const noexcept {
        return _mm256_min_epu32(_mm256_max_epu32(places, nearest_), farthest_);
    }

    // Sizes that can be divided by without loss.
    HEATGRID_TARGET_AVX2 static __m256d is_valid(__m256d size) noexcept {
        return _mm256_and_pd(_mm256_cmp_pd(_mm256_setzero_pd(), size, _CMP_LT_OQ),
                             _mm256_cmp_pd(size, _mm256_set1_pd(0x1p900), _CMP_LT_OQ));
    }

    HEATGRID_TARGET_AVX2 static __m256d ones() noexcept { return _mm256_castsi256_pd(_mm256_set1_epi32(-1)); }

    // One bit per box: whether its coordinates are valid, in the order of Places, and both axes are found.
    HEATGRID_TARGET_AVX2 static unsigned which(__m256i are_valid, __m256i are_found) noexcept {
        const auto both = static_cast<unsigned>(_mm256_movemask_epi8(are_valid));
        const unsigned valid = both & both >> 16;
        const auto found = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(are_found)));
        constexpr unsigned places[at_once] = {0x0033, 0x3300, 0x00CC, 0xCC00};
        unsigned exact = 0;
        for (unsigned box = 0; box < at_once; ++box) {
            const bool is_exact = (valid & places[box]) == places[box] && (found >> 2 * box & 3U) == 3U;
            exact |= static_cast<unsigned>(is_exact) << box;
        }
        return exact;
    }

    const Boxes& boxes_;
    std::size_t misses_ = 0;
    bool has_own_sizes_;
    __m256d scale_;
    __m256d per_unit_;  // cells per unit of a coordinate, where that is the same for all boxes
    __m256i sizes_;     // columns and rows
    __m256i nearest_;   // the places of 0
    __m256i farthest_;  // and of the far edges
};

}  // namespace heatgrid
