// A regular file's bytes, all at once.
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

}  // namespace heatgrid
