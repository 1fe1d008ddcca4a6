#include "file_bytes.hpp"

#include <unistd.h>

#include <cerrno>

#include "errors.hpp"

namespace files {

std::string read_at(const file_descriptor& from, std::uint64_t offset, std::size_t n,
                    const std::string& path) {
    std::string bytes(n, '\0');
    std::size_t done = 0;
    while (done < n) {
        const ssize_t got =
            ::pread(from.get(), bytes.data() + done, n - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw failure_of(errno, "cannot read", path);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

void write_at(const file_descriptor& to, std::uint64_t offset, std::string_view bytes,
              const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t put =
            ::pwrite(to.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) throw failure_of(errno, "cannot write", path);
        offset += static_cast<std::uint64_t>(put);
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
}

}  // namespace files
