// The same batch counted in every way there is: none may differ in a bit. Batches are made of seeded bytes,
// as fuzz_ways.cpp makes them of any.
#include <random>

#include "check.hpp"
#include "ways.hpp"

using heatgrid::check::count_bytes;
using heatgrid::check::Words;

namespace {

constexpr std::size_t whole = 0;

template <class Check>
void on_batches(const Check& check) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 1500; ++i) {
        std::vector<std::uint8_t> bytes(6 + random() % 300);
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
        check(bytes, count_bytes(bytes.data(), bytes.size(), 1, whole));
    }
}

}  // namespace

TEST(a_kernel_without_vectors_counts_the_same) {
    on_batches([](const std::vector<std::uint8_t>& bytes, const Words& usual) {
        CHECK(heatgrid_plain::check::count_bytes(bytes.data(), bytes.size(), 1, whole) == usual);
    });
}

TEST(threads_count_the_same) {
    on_batches([](const std::vector<std::uint8_t>& bytes, const Words& usual) {
        CHECK(count_bytes(bytes.data(), bytes.size(), 3, whole) == usual);
    });
}

TEST(pieces_count_the_same) {
    on_batches([](const std::vector<std::uint8_t>& bytes, const Words& usual) {
        for (const std::size_t piece : {1U, 2U, 5U}) {
            CHECK(count_bytes(bytes.data(), bytes.size(), 1, piece) == usual);
        }
    });
}
