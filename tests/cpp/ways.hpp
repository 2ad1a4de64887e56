// One batch, made of bytes, counted in one way or another; compiled twice, see CMakeLists.txt.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heatgrid::check {

/// All outcomes, and the bits of all counts or sums.
using Words = std::vector<std::uint64_t>;

/// `piece`: shapes a call, of counts of instances; 0: all in one.
Words count_bytes(const std::uint8_t* data, std::size_t size, std::size_t threads, std::size_t piece);

}  // namespace heatgrid::check

// The same by the kernel without vectors, which is compiled under this name.
namespace heatgrid_plain::check {

std::vector<std::uint64_t> count_bytes(const std::uint8_t* data, std::size_t size, std::size_t threads,
                                       std::size_t piece);

}  // namespace heatgrid_plain::check
