#include "heatgrid/text/file_bytes.hpp"

#if defined(_WIN32)
#include <io.h>

#include <filesystem>
#include <fstream>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#endif

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace heatgrid {

#if defined(_WIN32)

bool read_file(const std::string& path, std::size_t max_bytes, std::vector<char>& content) {
    std::error_code error;
    const std::filesystem::path file = std::filesystem::u8path(path);
    if (!std::filesystem::is_regular_file(file, error)) return false;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size > max_bytes) return false;
    content.resize(static_cast<std::size_t>(size));
    std::ifstream stream(file, std::ios::binary);
    return stream.read(content.data(), static_cast<std::streamsize>(size)).good() || size == 0;
}

#else

namespace {

class Descriptor {
  public:
    explicit Descriptor(const std::string& path) noexcept
        : number_(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

}  // namespace

// Asks for one byte more than the file has, to find its end with the same call.
bool read_file(const std::string& path, std::size_t max_bytes, std::vector<char>& content) {
    if (path.find('\0') != std::string::npos) return false;
    const Descriptor file(path);
    struct stat status{};
    if (file.number() < 0 || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (static_cast<std::uintmax_t>(status.st_size) > max_bytes) return false;
    const auto size = static_cast<std::size_t>(status.st_size);
    content.resize(size + 1);
    std::size_t done = 0;
    try {
        std::size_t count = 0;
        do {
            count = read_some(file.number(), content.data() + done, size + 1 - done);
            done += count;
        } while (count != 0 && done < size);
    } catch (const std::system_error&) {
        return false;
    }
    content.resize(done);
    return done <= size;  // more: it grew while it was read
}

#endif

std::size_t read_some(int descriptor, char* to, std::size_t capacity) {
    constexpr std::size_t most = std::size_t{1} << 30;
    for (;;) {
#if defined(_WIN32)
        const auto count = _read(descriptor, to, static_cast<unsigned>(std::min(capacity, most)));
#else
        const auto count = read(descriptor, to, std::min(capacity, most));
#endif
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) throw std::system_error(errno, std::generic_category());
    }
}

}  // namespace heatgrid
