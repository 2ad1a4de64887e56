#include "heatgrid/file_bytes.hpp"

#if defined(_WIN32)
#include <filesystem>
#include <fstream>
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#endif

namespace heatgrid {

#if defined(_WIN32)

bool read_file(const std::string& path, std::size_t limit, std::vector<char>& content) {
    std::error_code error;
    const std::filesystem::path file = std::filesystem::u8path(path);
    if (!std::filesystem::is_regular_file(file, error)) return false;
    const auto size = std::filesystem::file_size(file, error);
    if (error || size > limit) return false;
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

// One byte more than the file has is asked for, so that its end is found by the same call.
bool read_file(const std::string& path, std::size_t limit, std::vector<char>& content) {
    if (path.find('\0') != std::string::npos) return false;
    const Descriptor file(path);
    struct stat status{};
    if (file.number() < 0 || fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    if (static_cast<std::uintmax_t>(status.st_size) > limit) return false;
    const auto size = static_cast<std::size_t>(status.st_size);
    content.resize(size + 1);
    std::size_t done = 0;
    while (done <= size) {
        const ssize_t count = read(file.number(), content.data() + done, size + 1 - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    if (done > size) return false;  // it grows while it is read
    content.resize(done);
    return true;
}

#endif

}  // namespace heatgrid
