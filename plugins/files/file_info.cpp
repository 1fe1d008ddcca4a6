#include "file_info.hpp"

#include <array>
#include <cstdio>
#include <sluice/utc_text.hpp>

#include "paths.hpp"

namespace files {

file_info info_of(std::string path, const struct stat& status) {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    const auto modified = std::chrono::seconds(status.st_mtim.tv_sec) +
                          std::chrono::nanoseconds(status.st_mtim.tv_nsec);
    const file_type type = S_ISREG(status.st_mode)   ? file_type::file
                           : S_ISDIR(status.st_mode) ? file_type::folder
                           : S_ISLNK(status.st_mode) ? file_type::link
                                                     : file_type::other;
    return {std::move(path), type, static_cast<std::uint64_t>(status.st_size),
            std::chrono::floor<milliseconds>(modified), status.st_mode & 07777u};
}

const char* name_of(file_type type) {
    constexpr const char* names[] = {"file", "folder", "link", "other"};
    return names[static_cast<std::size_t>(type)];
}

json to_json(const file_info& info) {
    std::array<char, 16> permissions{};
    std::snprintf(permissions.data(), permissions.size(), "%04o", info.permissions);
    return json{{"path", info.path},
                {"name", name_of(info.path)},
                {"type", name_of(info.type)},
                {"size", info.size},
                {"modifiedAt", sluice::utc_text(info.modified)},
                {"permissions", permissions.data()}};
}

}  // namespace files
