#include "options.hpp"

#include <fnmatch.h>

namespace sluice::sftp {

bool flag_or(const json& input, std::string_view key, bool fallback) {
    const json& given = input[key];
    if (given.is_null()) return fallback;
    if (!given.is_bool()) detail::refuse_input(input, key, "true or false");
    return given.as_bool();
}

std::int64_t number_or(const json& input, std::string_view key, std::int64_t fallback,
                       std::int64_t lowest, std::int64_t highest) {
    if (input[key].is_null()) return fallback;
    const std::int64_t given = required_int(input, key);
    if (given < lowest || given > highest) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must be from " +
                                                std::to_string(lowest) + " to " +
                                                std::to_string(highest));
    }
    return given;
}

overwrite_policy overwrite_or(const json& input, overwrite_policy fallback) {
    if (input["overwrite"].is_null()) return fallback;
    const std::string& given = required_string(input, "overwrite");
    if (given == "fail") return overwrite_policy::fail;
    if (given == "replace") return overwrite_policy::replace;
    if (given == "keepBoth") return overwrite_policy::keep_both;
    throw failure(SLUICE_INVALID_INPUT, "'overwrite' must be fail, replace or keepBoth");
}

glob::glob(const json& input) {
    if (input["glob"].is_null()) {
        pattern_ = "*";
        return;
    }
    pattern_ = required_string(input, "glob");
    constexpr std::size_t longest_pattern = 256;
    if (pattern_.size() > longest_pattern || pattern_.find('/') != pattern_.npos) {
        throw failure(SLUICE_INVALID_INPUT, "'glob' is for names in one folder, like *.csv");
    }
}

bool glob::matches(const std::string& name) const {
    return fnmatch(pattern_.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

}  // namespace sluice::sftp
