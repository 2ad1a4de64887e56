#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace heatgrid {

/// Reads a regular file into `content`, reusing its memory. `path` is in the system's encoding, on Windows in
/// UTF-8. Returns false if it is not a regular file, has more than `max_bytes` bytes, or cannot be read.
/// Opening does not block, not even on a named pipe. Throws std::bad_alloc.
[[nodiscard]] bool read_file(const std::string& path, std::size_t max_bytes, std::vector<char>& content);

/// Reads up to `capacity` next bytes of an open file; returns their number, 0 at the end. Throws
/// std::system_error.
[[nodiscard]] std::size_t read_some(int descriptor, char* to, std::size_t capacity);

}  // namespace heatgrid
