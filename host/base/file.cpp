#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/file_descriptor.hpp"

namespace sluice::base {

namespace {

error system_error_at(std::string_view what, const std::filesystem::path& path, int reason) {
    error_code code = error_code::unavailable;
    if (reason == ENOENT || reason == ENOTDIR) code = error_code::not_found;
    return make_error(code, "cannot " + std::string(what) + " " + path.string() + ": " +
                                std::generic_category().message(reason));
}

// 0 or errno.
int write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

// Makes the rename itself durable. 0 or errno.
int sync_folder(const std::filesystem::path& folder) {
    const file_descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return errno;
    return ::fsync(opened.get()) == 0 ? 0 : errno;
}

// 0 or errno.
int write_temporary(file_descriptor& file, std::string_view content, unsigned mode) {
    if (const int failed = write_all(file.get(), content)) return failed;
    if (::fchmod(file.get(), mode) != 0) return errno;
    if (::fsync(file.get()) != 0) return errno;
    return file.close();
}

}  // namespace

result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    // O_NONBLOCK: opening a pipe without a writer must not hang before it is refused below.
    const file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open()) return system_error_at("read", path, errno);
    struct stat about {};
    if (::fstat(file.get(), &about) != 0) return system_error_at("read", path, errno);
    if (!S_ISREG(about.st_mode)) {
        return make_error(error_code::invalid_input,
                          "cannot read " + path.string() + ": " +
                              (S_ISDIR(about.st_mode) ? "it is a folder" : "it is not a file"));
    }
    const auto too_large = [&] {
        return make_error(error_code::invalid_input, "cannot read " + path.string() +
                                                         ": it is larger than " +
                                                         std::to_string(limit) + " bytes");
    };
    const auto expected = static_cast<std::size_t>(about.st_size);
    if (expected > limit) return too_large();

    // The size is a hint: files grow while they are read, and those under /proc say 0.
    std::string content;
    content.resize(expected);
    std::size_t used = 0;
    while (true) {
        if (used == content.size()) content.resize(used + std::max<std::size_t>(used / 2, 4096));
        const ssize_t got = ::read(file.get(), content.data() + used, content.size() - used);
        if (got < 0) {
            if (errno == EINTR) continue;
            return system_error_at("read", path, errno);
        }
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
        if (used > limit) return too_large();
    }
    content.resize(used);
    return content;
}

result<void> write_file(const std::filesystem::path& path, std::string_view content,
                        unsigned mode) {
    std::filesystem::path folder = path.parent_path();
    if (folder.empty()) folder = ".";
    std::string temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
    file_descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.is_open()) return system_error_at("write", path, errno);

    int failed = write_temporary(file, content, mode);
    if (failed == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) failed = errno;
    if (failed != 0) {
        ::unlink(temporary.c_str());
        return system_error_at("write", path, failed);
    }
    if (const int unsynced = sync_folder(folder)) return system_error_at("write", path, unsynced);
    return {};
}

}  // namespace sluice::base
