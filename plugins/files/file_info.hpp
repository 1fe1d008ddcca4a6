#pragma once

#include <sys/stat.h>

#include <chrono>
#include <cstdint>
#include <sluice/json.hpp>
#include <string>

namespace files {

using sluice::json;

enum class file_type { file, folder, link, other };

struct file_info {
    std::string path;
    file_type type = file_type::other;
    std::uint64_t size = 0;
    std::chrono::milliseconds modified{};  // since 1970
    unsigned permissions = 0;
};

file_info info_of(std::string path, const struct stat& status);
const char* name_of(file_type type);
// {path, name, type, size, modifiedAt, permissions}
json to_json(const file_info& info);

}  // namespace files
