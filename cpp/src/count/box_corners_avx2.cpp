#include "box_corners_avx2.hpp"

#if defined(HEATGRID_AVX2)

#include <algorithm>

#include "heatgrid/shapes/four_boxes_avx2.hpp"

namespace heatgrid {

namespace {

constexpr std::size_t corners = 4 * FourBoxes::at_once;

// Number of iterations between the prefetch of cells and their change.
constexpr std::size_t waiting = 2;

// Increments the first half of the cells of four boxes, and decrements the second.
inline void add_four(std::uint32_t* differences, const std::uint32_t* four) noexcept {
    for (std::size_t k = 0; k < corners / 2; ++k) ++differences[four[k]];
    for (std::size_t k = corners / 2; k < corners; ++k) --differences[four[k]];
}

HEATGRID_TARGET_AVX2 inline void ask_for_two(const std::uint32_t* cells, std::int64_t two) noexcept {
    __builtin_prefetch(cells + static_cast<std::uint32_t>(two), 1);
    __builtin_prefetch(cells + (static_cast<std::uint64_t>(two) >> 32), 1);
}

HEATGRID_TARGET_AVX2 inline void ask_for(const std::uint32_t* cells, __m256i eight) noexcept {
    ask_for_two(cells, _mm256_extract_epi64(eight, 0));
    ask_for_two(cells, _mm256_extract_epi64(eight, 1));
    ask_for_two(cells, _mm256_extract_epi64(eight, 2));
    ask_for_two(cells, _mm256_extract_epi64(eight, 3));
}

}  // namespace

HEATGRID_TARGET_AVX2 std::size_t add_corners_avx2(const Boxes& boxes, std::size_t begin, std::size_t end,
                                                  const Cells& cells, std::size_t stride,
                                                  std::uint32_t* differences, Outcome* outcomes,
                                                  std::uint16_t* ambiguous) noexcept {
    FourBoxes fours(boxes, cells);
    const __m256i weights = _mm256_set1_epi32(static_cast<std::int32_t>(stride << 16 | 1));
    // The cells to increment, and those to decrement, of the iterations that wait; initially all the same
    // cell.
    alignas(32) std::uint32_t ring[waiting][corners] = {};
    std::uint16_t* next_ambiguous = ambiguous;
    std::fill_n(outcomes, end - begin, Outcome::counted);
    std::size_t slot = 0;
    for (std::size_t i = 0; i < end - begin; i += FourBoxes::at_once) {
        FourBoxes::Found found = fours.find(begin, i, outcomes);
        if (found.exact != FourBoxes::all) {
            // Ambiguous boxes get no corners: all four in the same cell.
            alignas(16) std::int32_t kept[FourBoxes::at_once];
            for (std::size_t k = 0; k < FourBoxes::at_once; ++k) {
                kept[k] = -static_cast<std::int32_t>(found.exact >> k & 1U);
                if (!kept[k]) *next_ambiguous++ = static_cast<std::uint16_t>(i + k);
            }
            found.corners = _mm256_and_si256(
                found.corners, _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<__m128i*>(kept))));
        }
        std::uint32_t* const four = ring[slot];
        add_four(differences, four);
        const __m256i opposite = _mm256_permute2x128_si256(found.corners, found.corners, 1);
        const __m256i others = _mm256_blend_epi16(found.corners, opposite, 0x55);
        const __m256i to_increment = _mm256_madd_epi16(found.corners, weights);
        const __m256i to_decrement = _mm256_madd_epi16(others, weights);
        _mm256_store_si256(reinterpret_cast<__m256i*>(four), to_increment);
        _mm256_store_si256(reinterpret_cast<__m256i*>(four + corners / 2), to_decrement);
        ask_for(differences, to_increment);
        ask_for(differences, to_decrement);
        slot = slot + 1 == waiting ? 0 : slot + 1;
    }
    for (const auto& four : ring) add_four(differences, four);
    return static_cast<std::size_t>(next_ambiguous - ambiguous);
}

}  // namespace heatgrid

#endif
