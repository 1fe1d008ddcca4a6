// A file or folder of the server.
#pragma once

#include <libssh/sftp.h>

#include <chrono>
#include <cstdint>
#include <sluice/json.hpp>
#include <string>

namespace sluice::sftp {

enum class file_type { file, folder, link, other };

struct file_info {
    std::string name;  // without the folder
    file_type type = file_type::other;
    std::uint64_t size = 0;
    std::chrono::seconds modified{};  // since 1970
    std::uint32_t permissions = 0;
};

file_info read_info(const sftp_attributes_struct& attributes);
const char* type_name(file_type type);
// {path, name, type, size, modifiedAt, permissions}
json to_json(const file_info& info, const std::string& path);

}  // namespace sluice::sftp
