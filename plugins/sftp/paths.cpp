#include "paths.hpp"

#include <sluice/failure.hpp>
#include <sluice/file_names.hpp>
#include <sluice/input.hpp>
#include <sluice/text_encoding.hpp>

namespace sluice::sftp {
namespace {

constexpr std::size_t longest_path = 4096;

void check(std::string_view path, std::string_view key) {
    if (path.size() <= longest_path && path.find('\0') == path.npos) return;
    throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' is no path");
}

}  // namespace

std::string required_path(const json& input, std::string_view key) {
    std::string path = required_string(input, key);
    check(path, key);
    // "/in/" and "/in" are the same folder; "/" stays.
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    return path;
}

std::string path_or(const json& input, std::string_view key, std::string_view fallback) {
    if (input[key].is_null()) return std::string(fallback);
    return required_path(input, key);
}

std::string name_or(const json& input, std::string_view key, std::string_view fallback) {
    if (input[key].is_null()) return std::string(fallback);
    const std::string& name = required_string(input, key);
    if (!is_usable_name(name)) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' is no name of a file");
    }
    return name;
}

std::string join(std::string_view folder, std::string_view name) {
    if (folder.empty() || folder == ".") return std::string(name);
    std::string path(folder);
    if (!path.ends_with('/')) path += '/';
    return path += name;
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos) return ".";
    return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == path.npos ? path : path.substr(slash + 1);
}

bool is_usable_name(std::string_view name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != name.npos ||
        name.find('\0') != name.npos) {
        return false;
    }
    return name.size() <= longest_file_name && well_formed_size(name) == name.size();
}

}  // namespace sluice::sftp
