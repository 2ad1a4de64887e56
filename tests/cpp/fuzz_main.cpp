// Stand-alone driver of a fuzzer, for compilers without libFuzzer: fuzz_NAME [CASES [SEED]].
//
// Case i consists of seeded random bytes, and is repeated by `fuzz_NAME 1 SEED+i`. Sanitizers tell which case
// it was if they call abort: ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=abort_on_error=1.
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::uint64_t current_seed = 0;

void report(int signal) {
    std::cerr << "found by seed " << current_seed << std::endl;
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

}  // namespace

int main(int argc, char** argv) {
    const std::uint64_t cases = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    std::signal(SIGABRT, report);
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t i = 0; i < cases; ++i) {
        current_seed = seed + i;
        std::mt19937_64 random(current_seed);
        bytes.resize(8 + random() % 192);
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::cout << cases << " cases from seed " << seed << ": no finding" << std::endl;
}
