// libFuzzer: any bytes become a batch, counted in several ways that must not differ in a bit: by the kernel
// with the processor's vectors and by the scalar kernel, by one thread and by several, whole and in pieces,
// which end its blocks at other shapes and leave some to the scalar code beside the vectors.
#include <cstdlib>
#include <iostream>

#include "ways.hpp"

namespace {

void require(bool condition, const char* law) {
    if (condition) return;
    std::cerr << "broken: " << law << "\n";
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using heatgrid::check::Words;
    constexpr std::size_t whole = 0;
    const Words usual = heatgrid::check::count_bytes(data, size, 1, whole);
    require(heatgrid_plain::check::count_bytes(data, size, 1, whole) == usual, "vectors change nothing");
    for (const std::size_t threads : {2U, 5U}) {
        require(heatgrid::check::count_bytes(data, size, threads, whole) == usual, "threads change nothing");
    }
    for (const std::size_t piece : {1U, 2U, 3U, 7U}) {
        require(heatgrid::check::count_bytes(data, size, 1, piece) == usual, "pieces change nothing");
    }
    return 0;
}
