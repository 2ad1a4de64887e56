// Availability of vector instructions, at compile time and at run time.
//
// x86-64 always has SSE2. NEON and WebAssembly's vectors execute the same source by SIMDe, a library of
// headers, if CMake finds it: there `has_avx2()` is true. Functions marked HEATGRID_TARGET_AVX2 are compiled
// for AVX2 in any build; they are defined if `compiled_for_avx2`, and may be called if has_avx2():
//
//     if constexpr (compiled_for_avx2) {
//         if (has_avx2()) return count_avx2(...);
//     }
//
// Compiling with -U__SSE2__ -U__ARM_NEON selects the portable code everywhere; the tests compare both.
#pragma once

#if defined(__SSE2__) || defined(_M_X64)
#define HEATGRID_SSE2 1
#elif (defined(__ARM_NEON) || defined(__wasm_simd128__)) && __has_include(<simde/x86/avx2.h>)
#define HEATGRID_SIMDE 1
#define HEATGRID_SSE2 1
#define HEATGRID_AVX2 1
#define HEATGRID_TARGET_AVX2
#endif

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__) && defined(__SSE2__)
#define HEATGRID_AVX2 1
#define HEATGRID_TARGET_AVX2 __attribute__((target("avx2")))
#endif

namespace heatgrid {

#if defined(HEATGRID_SIMDE)

inline constexpr bool compiled_for_avx2 = true;

[[nodiscard]] constexpr bool has_avx2() noexcept { return true; }

#elif defined(HEATGRID_AVX2)

inline constexpr bool compiled_for_avx2 = true;

/// Whether this processor executes AVX2 instructions.
[[nodiscard]] inline bool has_avx2() noexcept { return __builtin_cpu_supports("avx2"); }

#else

#define HEATGRID_TARGET_AVX2

inline constexpr bool compiled_for_avx2 = false;

[[nodiscard]] constexpr bool has_avx2() noexcept { return false; }

#endif

}  // namespace heatgrid
