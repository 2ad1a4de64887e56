#include "heatgrid/count/bit_plane_counter.hpp"

#include <algorithm>

#include "heatgrid/simd/intrinsics.hpp"

namespace heatgrid {
namespace {

using RowPair = BitPlaneCounter::RowPair;

constexpr std::uint64_t all = ~std::uint64_t{0};

// The columns before each of 0 .. 128.
struct alignas(16) Columns {
    std::uint64_t words[2];
};
struct Masks {
    Columns before[129] = {};

    constexpr Masks() {
        for (std::size_t column = 0; column <= 128; ++column) {
            const std::uint64_t near = column < 64 ? (std::uint64_t{1} << column) - 1 : all;
            const std::uint64_t far = column <= 64 ? 0 : all >> (128 - column);
            before[column] = {{near, far}};
        }
    }
};

constexpr Masks masks;

void paint(const Rectangle* rectangles, std::size_t count, RowPair* plane) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const Rectangle r = rectangles[i];
        for (std::size_t w = 0; w < 2; ++w) {
            const std::uint64_t bits = masks.before[r.right].words[w] & ~masks.before[r.left].words[w];
            for (std::int32_t row = r.top; row < r.bottom; ++row) plane[row / 2].words[row % 2][w] |= bits;
        }
    }
}

// Adds bits of three planes: the sums replace the first, the carries are returned.
inline std::uint64_t add_three(std::uint64_t& a, std::uint64_t b, std::uint64_t c) noexcept {
    const std::uint64_t differ = a ^ b;
    const std::uint64_t carry = (a & b) | (differ & c);
    a = differ ^ c;
    return carry;
}

// Adds the planes b and c, and leaves the carries in c.
inline void add_two_planes(RowPair* a, const RowPair* b, RowPair* c, std::size_t pairs) noexcept {
    for (std::size_t i = 0; i < pairs; ++i) {
        for (std::size_t w = 0; w < 4; ++w) {
            std::uint64_t& to = c[i].words[w / 2][w % 2];
            to = add_three(a[i].words[w / 2][w % 2], b[i].words[w / 2][w % 2], to);
        }
    }
}

// Adds four planes, which are cleared, to the layers of weight 1 and 2, and leaves the carries in `fours`.
inline void add_four_planes(RowPair* __restrict a, RowPair* __restrict b, RowPair* __restrict c,
                            RowPair* __restrict d, RowPair* __restrict ones, RowPair* __restrict twos,
                            RowPair* __restrict fours, std::size_t pairs) noexcept {
    for (std::size_t i = 0; i < pairs; ++i) {
        for (std::size_t w = 0; w < 4; ++w) {
            const auto word = [=](RowPair* plane) -> std::uint64_t& { return plane[i].words[w / 2][w % 2]; };
            const std::uint64_t first = add_three(word(ones), word(a), word(b));
            const std::uint64_t second = add_three(word(ones), word(c), word(d));
            word(fours) = add_three(word(twos), first, second);
            word(a) = word(b) = word(c) = word(d) = 0;
        }
    }
}

#if defined(HEATGRID_AVX2)

HEATGRID_TARGET_AVX2 inline void set_bits(RowPair& pair, __m256i bits) noexcept {
    auto* const to = reinterpret_cast<__m256i*>(pair.words);
    _mm256_store_si256(to, _mm256_or_si256(_mm256_load_si256(to), bits));
}

// Heights are unpredictable: 24 rows are painted without a branch, with no bits below the rectangle.
HEATGRID_TARGET_AVX2 void paint_avx2(const Rectangle* rectangles, std::size_t count,
                                     RowPair* plane) noexcept {
    constexpr auto at_once = static_cast<std::int32_t>(BitPlaneCounter::spare_pairs) - 1;
    const auto load = [](const Columns& columns) HEATGRID_TARGET_AVX2 {
        return _mm_load_si128(reinterpret_cast<const __m128i*>(columns.words));
    };
    for (std::size_t i = 0; i < count; ++i) {
        const Rectangle r = rectangles[i];
        RowPair* const pairs = plane + r.top / 2;
        const std::int32_t above = r.top % 2;  // rows of the first pair
        const std::int32_t height = r.bottom - r.top + above;
        const __m256i bits = _mm256_broadcastsi128_si256(
            _mm_andnot_si128(load(masks.before[r.left]), load(masks.before[r.right])));
        const __m256i end = _mm256_set1_epi32(height);
        const auto inside = [=](__m256i rows) HEATGRID_TARGET_AVX2 {
            return _mm256_and_si256(bits, _mm256_cmpgt_epi32(end, rows));
        };
        const __m256i next = _mm256_set1_epi32(2);
        __m256i rows = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
        set_bits(pairs[0],
                 _mm256_and_si256(inside(rows), _mm256_cmpgt_epi32(rows, _mm256_set1_epi32(above - 1))));
        for (std::int32_t pair = 1; 2 * pair < height || pair == 1; pair += at_once) {
            for (std::int32_t k = 0; k < at_once; ++k) {
                rows = _mm256_add_epi32(rows, next);
                set_bits(pairs[pair + k], inside(rows));
            }
        }
    }
}

// The same functions, compiled for AVX2.
HEATGRID_TARGET_AVX2 void add_two_planes_avx2(RowPair* a, const RowPair* b, RowPair* c,
                                              std::size_t pairs) noexcept {
    add_two_planes(a, b, c, pairs);
}
HEATGRID_TARGET_AVX2 void add_four_planes_avx2(RowPair* __restrict a, RowPair* __restrict b,
                                               RowPair* __restrict c, RowPair* __restrict d,
                                               RowPair* __restrict ones, RowPair* __restrict twos,
                                               RowPair* __restrict fours, std::size_t pairs) noexcept {
    add_four_planes(a, b, c, d, ones, twos, fours, pairs);
}

#else

constexpr auto paint_avx2 = paint;
constexpr auto add_two_planes_avx2 = add_two_planes;
constexpr auto add_four_planes_avx2 = add_four_planes;

#endif

}  // namespace

void BitPlaneCounter::add(const Rectangle* rectangles, std::size_t count) {
    const auto paint_image = has_avx2() ? paint_avx2 : paint;
    paint_image(rectangles, count, images_[painted_].data());
    if (++painted_ == images_at_once) add_images();
}

// Adds the images that wait to the first two layers, and their carries to the others.
void BitPlaneCounter::add_images() {
    const auto add = has_avx2() ? add_four_planes_avx2 : add_four_planes;
    add(images_[0].data(), images_[1].data(), images_[2].data(), images_[3].data(), layer(0).sum.data(),
        layer(1).sum.data(), carry_.data(), pairs_);
    painted_ = 0;
    for (std::size_t index = 2;; ++index) {
        Layer& to = layer(index);
        to.has_waiting = !to.has_waiting;
        if (to.has_waiting) {
            to.waiting.swap(carry_);
            return;
        }
        add_carry(to);
    }
}

BitPlaneCounter::Layer& BitPlaneCounter::layer(std::size_t index) {
    while (index >= layers_.size()) layers_.push_back({Plane(pairs_), Plane(pairs_), false});
    return layers_[index];
}

void BitPlaneCounter::add_carry(Layer& layer) noexcept {
    const auto add = has_avx2() ? add_two_planes_avx2 : add_two_planes;
    add(layer.sum.data(), layer.waiting.data(), carry_.data(), pairs_);
}

// Adds the planes that wait, so that the layers' own bits are the counts.
void BitPlaneCounter::add_waiting() {
    if (painted_ > 0) add_images();
    std::fill(carry_.begin(), carry_.end(), RowPair{});
    for (Layer& layer : layers_) {
        if (!layer.has_waiting) std::fill(layer.waiting.begin(), layer.waiting.end(), RowPair{});
        add_carry(layer);
    }
    layers_.push_back({carry_, {}, false});
}

void BitPlaneCounter::count_row(std::size_t row, std::uint32_t* counts) const noexcept {
    std::fill_n(counts, most_columns, 0U);
    for (std::size_t index = 0; index < layers_.size(); ++index) {
        for (std::size_t w = 0; w < 2; ++w) {
            const std::uint64_t bits = layers_[index].sum[row / 2].words[row % 2][w];
            for (std::size_t c = 0; c < 64; ++c) {
                counts[64 * w + c] += static_cast<std::uint32_t>(bits >> c & 1) << index;
            }
        }
    }
}

}  // namespace heatgrid
