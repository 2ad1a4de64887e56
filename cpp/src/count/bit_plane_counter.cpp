#include "heatgrid/count/bit_plane_counter.hpp"

#include <algorithm>
#include <cstring>

#include "heatgrid/simd/processor.hpp"

#if defined(HEATGRID_SSE2)
#include <emmintrin.h>
#endif

namespace heatgrid {
namespace {

using Row = BitPlaneCounter::Row;

constexpr std::uint64_t all = ~std::uint64_t{0};

// The compiler takes a row's words one by one, unless told otherwise.
#if defined(HEATGRID_SSE2)
using Bits = __m128i;
inline Bits load(const Row& row) noexcept {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(row.words));
}
inline Bits both(Bits a, Bits b) noexcept { return _mm_and_si128(a, b); }
// All bits if a < b.
inline Bits is_less(std::int32_t a, std::int32_t b) noexcept {
    return _mm_cmplt_epi32(_mm_set1_epi32(a), _mm_set1_epi32(b));
}
inline void set_bits(Row& row, Bits bits) noexcept {
    _mm_store_si128(reinterpret_cast<__m128i*>(row.words), _mm_or_si128(load(row), bits));
}
#else
using Bits = Row;
inline Bits load(const Row& row) noexcept { return row; }
inline Bits both(const Bits& a, const Bits& b) noexcept {
    return {{a.words[0] & b.words[0], a.words[1] & b.words[1]}};
}
inline Bits is_less(std::int32_t a, std::int32_t b) noexcept { return a < b ? Bits{{all, all}} : Bits{}; }
inline void set_bits(Row& row, const Bits& bits) noexcept {
    for (std::size_t w = 0; w < 2; ++w) row.words[w] |= bits.words[w];
}
#endif

// The columns before and from each of 0 .. 128.
struct Masks {
    Row before[129] = {};
    Row from[129] = {};

    constexpr Masks() {
        for (std::size_t column = 0; column <= 128; ++column) {
            const std::uint64_t near = column < 64 ? (std::uint64_t{1} << column) - 1 : all;
            const std::uint64_t far = column <= 64 ? 0 : all >> (128 - column);
            before[column] = {{near, far}};
            from[column] = {{~near, ~far}};
        }
    }
};

constexpr Masks masks;

// Heights are unpredictable: the first rows are painted without a branch, with no bits below the rectangle.
inline void paint(const Rectangle* rectangles, std::size_t count, Row* plane) noexcept {
    constexpr auto spare = static_cast<std::int32_t>(BitPlaneCounter::spare_rows);
    for (std::size_t i = 0; i < count; ++i) {
        const Rectangle r = rectangles[i];
        const Bits bits = both(load(masks.before[r.right]), load(masks.from[r.left]));
        const std::int32_t height = r.bottom - r.top;
        Row* const rows = plane + r.top;
        for (std::int32_t row = 0; row < spare; ++row) set_bits(rows[row], both(bits, is_less(row, height)));
        for (std::int32_t row = spare; row < height; ++row) set_bits(rows[row], bits);
    }
}

// Carry-save adder: sum and carry of each bit of three planes.
inline void add_three(Row* sum, const Row* waiting, Row* carry, std::size_t rows) noexcept {
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t w = 0; w < 2; ++w) {
            const std::uint64_t a = sum[row].words[w];
            const std::uint64_t b = waiting[row].words[w];
            const std::uint64_t c = carry[row].words[w];
            sum[row].words[w] = a ^ b ^ c;
            carry[row].words[w] = (a & b) | ((a ^ b) & c);
        }
    }
}

// The same functions, compiled for AVX2.
HEATGRID_TARGET_AVX2 void paint_avx2(const Rectangle* rectangles, std::size_t count, Row* plane) noexcept {
    paint(rectangles, count, plane);
}
HEATGRID_TARGET_AVX2 void add_three_avx2(Row* sum, const Row* waiting, Row* carry,
                                         std::size_t rows) noexcept {
    add_three(sum, waiting, carry, rows);
}

}  // namespace

void BitPlaneCounter::add(const Rectangle* rectangles, std::size_t count) {
    const auto paint_image = has_avx2() ? paint_avx2 : paint;
    paint_image(rectangles, count, carry_.data());
    for (std::size_t index = 0;; ++index) {
        if (index == layers_.size()) layers_.push_back({Plane(carry_.size()), Plane(carry_.size()), false});
        Layer& layer = layers_[index];
        layer.has_waiting = !layer.has_waiting;
        if (layer.has_waiting) {
            layer.waiting.swap(carry_);
            break;
        }
        add_carry(layer);
    }
    std::memset(carry_.data(), 0, carry_.size() * sizeof(Row));
}

void BitPlaneCounter::add_carry(Layer& layer) noexcept {
    const auto add = has_avx2() ? add_three_avx2 : add_three;
    add(layer.sum.data(), layer.waiting.data(), carry_.data(), rows_);
}

// Adds the planes that wait, so that the layers' own bits are the counts.
void BitPlaneCounter::add_waiting() {
    for (Layer& layer : layers_) {
        if (!layer.has_waiting) std::fill(layer.waiting.begin(), layer.waiting.end(), Row{});
        add_carry(layer);
    }
    layers_.push_back({carry_, {}, false});
    std::fill(carry_.begin(), carry_.end(), Row{});
}

void BitPlaneCounter::count_row(std::size_t row, std::uint32_t* counts) const noexcept {
    std::fill_n(counts, most_columns, 0U);
    for (std::size_t index = 0; index < layers_.size(); ++index) {
        for (std::size_t w = 0; w < 2; ++w) {
            const std::uint64_t bits = layers_[index].sum[row].words[w];
            for (std::size_t c = 0; c < 64; ++c) {
                counts[64 * w + c] += static_cast<std::uint32_t>(bits >> c & 1) << index;
            }
        }
    }
}

}  // namespace heatgrid
