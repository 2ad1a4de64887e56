// Checks of arrays that callers pass, and the error messages: what numpy arrays and WebAssembly memory share.
//
// Each throws std::invalid_argument, which is Python's ValueError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace heatgrid::bindings {

[[noreturn]] inline void refuse(const std::string& message) { throw std::invalid_argument(message); }

/// Checks for labels of `classes` planes.
inline void check_labels(const std::int64_t* labels, std::size_t count, std::size_t classes) {
    for (std::size_t i = 0; i < count; ++i) {
        if (labels[i] < 0 || static_cast<std::uint64_t>(labels[i]) >= classes) {
            refuse("labels[" + std::to_string(i) + "] is " + std::to_string(labels[i]) + ", but classes is " +
                   std::to_string(classes) + ": labels must lie in [0, classes)");
        }
    }
}

/// Checks one level of `count + 1` offsets: begins at or after 0, never decreases, ends at or before `limit`.
inline void check_offsets(const std::int64_t* offsets, std::size_t count, const char* name, std::size_t limit,
                          const char* what) {
    std::int64_t previous = 0;
    for (std::size_t i = 0; i <= count; ++i) {
        if (offsets[i] < previous) {
            refuse(std::string(name) + " offsets must not be negative or decrease: entry " +
                   std::to_string(i) + " is " + std::to_string(offsets[i]));
        }
        previous = offsets[i];
    }
    if (static_cast<std::uint64_t>(previous) > limit) {
        refuse(std::string(name) + " offsets end at " + std::to_string(previous) + ", but there are " +
               std::to_string(limit) + " " + what);
    }
}

}  // namespace heatgrid::bindings
