#include "paths.hpp"

#include <fnmatch.h>

#include <sluice/file_names.hpp>
#include <sluice/option.hpp>

namespace files {

using sluice::failure;

namespace {

constexpr std::size_t longest_path = 4000;  // the system's limit is 4096 with the root
constexpr std::size_t longest_pattern = 256;

void check_name(std::string_view name, std::string_view key) {
    const bool fits = !name.empty() && name != "." && name != ".." &&
                      name.size() <= sluice::longest_file_name && name.find('\0') == name.npos;
    if (fits) return;
    throw failure(SLUICE_INVALID_INPUT,
                  "'" + std::string(key) +
                      "' must be names of 1 to 255 bytes with / between them; "
                      "'.' and '..' are none");
}

}  // namespace

std::string checked_path(std::string_view text, std::string_view key) {
    if (text.starts_with('/')) text.remove_prefix(1);
    if (text.ends_with('/')) text.remove_suffix(1);
    if (text.size() > longest_path) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' is too long");
    }
    if (text.empty()) return "";
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        check_name(text.substr(begin, end - begin), key);
        begin = end + 1;
    }
    return std::string(text);
}

std::string required_path(const json& input, std::string_view key) {
    std::string path = checked_path(sluice::required_string(input, key), key);
    if (path.empty()) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must not be the root");
    }
    return path;
}

std::string path_option(const json& input, std::string_view key) {
    return checked_path(sluice::string_option(input, key, ""), key);
}

std::string name_option(const json& input, std::string_view key, std::string_view fallback) {
    std::string name = sluice::string_option(input, key, fallback);
    check_name(name, key);
    if (name.find('/') != name.npos) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must be one name");
    }
    return name;
}

std::string join(std::string_view folder, std::string_view name) {
    std::string path(folder);
    if (!path.empty()) path += '/';
    return path += name;
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

std::vector<std::string> names_in(std::string_view path) {
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        names.emplace_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

bool matches(const std::string& pattern, const std::string& name) {
    return fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0;
}

std::string pattern_option(const json& input) {
    std::string pattern = sluice::string_option(input, "glob", "*");
    if (pattern.empty() || pattern.size() > longest_pattern || pattern.find('\0') != pattern.npos) {
        throw failure(SLUICE_INVALID_INPUT, "'glob' must be a pattern of 1 to 256 bytes");
    }
    return pattern;
}

}  // namespace files
