#include "file_info.hpp"

#include <array>
#include <cstdio>
#include <sluice/utc_text.hpp>

namespace sluice::sftp {
namespace {

file_type type_of(const sftp_attributes_struct& attributes) {
    // Not every server fills in the type; the bits of the permissions always have it.
    switch (attributes.permissions & SSH_S_IFMT) {
        case SSH_S_IFREG:
            return file_type::file;
        case SSH_S_IFDIR:
            return file_type::folder;
        case SSH_S_IFLNK:
            return file_type::link;
        case 0:
            break;
        default:
            return file_type::other;
    }
    switch (attributes.type) {
        case SSH_FILEXFER_TYPE_REGULAR:
            return file_type::file;
        case SSH_FILEXFER_TYPE_DIRECTORY:
            return file_type::folder;
        case SSH_FILEXFER_TYPE_SYMLINK:
            return file_type::link;
        default:
            return file_type::other;
    }
}

}  // namespace

file_info read_info(const sftp_attributes_struct& attributes) {
    file_info info;
    if (attributes.name != nullptr) info.name = attributes.name;
    info.type = type_of(attributes);
    info.size = attributes.size;
    info.modified = std::chrono::seconds(attributes.mtime);
    info.permissions = attributes.permissions & 07777;
    return info;
}

const char* type_name(file_type type) {
    switch (type) {
        case file_type::file:
            return "file";
        case file_type::folder:
            return "folder";
        case file_type::link:
            return "link";
        case file_type::other:
            break;
    }
    return "other";
}

json to_json(const file_info& info, const std::string& path) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", info.permissions);
    return json{{"path", path},
                {"name", info.name},
                {"type", type_name(info.type)},
                {"size", info.size},
                {"modifiedAt", utc_text(info.modified)},
                {"permissions", mode.data()}};
}

}  // namespace sluice::sftp
