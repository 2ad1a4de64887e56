// What the processor can do beyond what every one of its kind can: found out when the program runs, so that
// one build is fast everywhere and runs everywhere.
#pragma once

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__) && defined(__SSE2__)
#define HEATGRID_AVX2 1
#endif

namespace heatgrid {

// Whether functions compiled for AVX2 may be called.
[[nodiscard]] inline bool has_avx2() noexcept {
#if defined(HEATGRID_AVX2)
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}

}  // namespace heatgrid
