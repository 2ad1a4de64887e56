// A regular file's bytes, all at once or piece by piece.
//
// Opening does not wait: a named pipe without a writer would otherwise hold its reader for ever. Throws
// std::bad_alloc.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace heatgrid {

// Reads the file at `path` (in the system's encoding; on Windows UTF-8) into `content`, whose memory is used
// again. Returns false for what is no regular file, has more than `limit` bytes, or cannot be read.
[[nodiscard]] bool read_file(const std::string& path, std::size_t limit, std::vector<char>& content);

// Reads an open file's next bytes, as many as there is room for; returns how many, 0 at its end. Throws
// std::system_error.
[[nodiscard]] std::size_t read_some(int descriptor, char* to, std::size_t room);

}  // namespace heatgrid
