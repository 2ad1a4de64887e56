// Fixed-point sums: exact, and rounded once.
#include "heatgrid/count/fixed.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "check.hpp"

using heatgrid::Fixed;
using heatgrid::Scale;

TEST(what_goes_in_comes_out) {
    const Scale scale(1e6, 1000);
    for (const double v : {0.0, 1.0, -1.0, 0.1, -0.1, 1.0 / 3.0, 999999.9999, 1e-6, -123456.789, 0x1p-60}) {
        CHECK_EQUAL(scale.to_double(scale.from_double(v)), v);
    }
}

TEST(what_is_taken_away_leaves_nothing) {
    const Scale scale(1.0, 4);
    Fixed sum;
    for (const double v : {0.1, 0.2, 0.3}) sum += scale.from_double(v);
    for (const double v : {0.3, 0.1, 0.2}) sum -= scale.from_double(v);
    CHECK_EQUAL(sum.is_zero(), true);
    CHECK_EQUAL(scale.to_double(sum), 0.0);
}

TEST(small_values_are_kept_next_to_large_ones) {
    const Scale scale(1.0, 3);
    Fixed sum = scale.from_double(1.0);
    sum += scale.from_double(0x1p-80);
    sum -= scale.from_double(1.0);
    CHECK_EQUAL(scale.to_double(sum), 0x1p-80);
}

TEST(sums_are_rounded_to_the_nearest_even) {
    const Scale scale(4.0, 4);
    const auto rounded = [&](double a, double b) {
        Fixed sum = scale.from_double(a);
        sum += scale.from_double(b);
        return scale.to_double(sum);
    };
    CHECK_EQUAL(rounded(1.0, 0x1p-53), 1.0);
    CHECK_EQUAL(rounded(1.0 + 0x1p-52, 0x1p-53), 1.0 + 0x1p-51);
    CHECK_EQUAL(rounded(-1.0, -0x1p-53), -1.0);
}

// The last place of two numbers of at most 1 is 2^-123.
TEST(the_smallest_are_rounded_to_the_last_place) {
    const Scale scale(1.0, 2);
    CHECK_EQUAL(scale.to_double(scale.from_double(0x1.8p-124)), 0x1p-123);
    CHECK_EQUAL(scale.to_double(scale.from_double(-0x1p-124)), -0x1p-123);
    CHECK_EQUAL(scale.to_double(scale.from_double(0x1.fp-125)), 0.0);
}

TEST(no_overflow_at_the_largest) {
    const std::size_t count = 1023;
    const Scale scale(0x1.fffffffffffffp+3, count);
    Fixed sum;
    for (std::size_t i = 0; i < count; ++i) sum += scale.from_double(0x1.fffffffffffffp+3);
    CHECK_EQUAL(scale.to_double(sum), 1023 * 0x1.fffffffffffffp+3);
}

// Another thread may have written them after the largest was found.
TEST(numbers_beyond_the_largest_do_no_harm) {
    const Scale scale(1.0, 2);
    const double infinity = std::numeric_limits<double>::infinity();
    for (const double v : {0x1p80, -0x1p80, 0x1p1023, infinity, -infinity}) {
        CHECK_EQUAL(scale.from_double(v).is_zero(), true);
    }
}

TEST(subnormal_numbers) {
    const Scale scale(0x1p-1000, 4);
    for (const double v : {0x1p-1074, -0x1p-1074, 0x1.8p-1023, 0x1p-1022, 0x1.8p-1022}) {
        CHECK_EQUAL(scale.to_double(scale.from_double(v)), v);
    }
}

TEST(integers_of_every_size) {
    std::mt19937_64 random(5);
    const Scale scale(0x1p60, 2);
    for (int i = 0; i < 1000; ++i) {
        const auto a = static_cast<std::int64_t>(random() >> (4 + i % 59));
        const auto b = static_cast<std::int64_t>(random() >> (4 + i % 59));
        Fixed sum = scale.from_double(static_cast<double>(a));
        sum -= scale.from_double(static_cast<double>(b));
        if (a < (std::int64_t{1} << 52) && b < (std::int64_t{1} << 52)) {
            CHECK_EQUAL(scale.to_double(sum), static_cast<double>(a - b));
        }
    }
}
