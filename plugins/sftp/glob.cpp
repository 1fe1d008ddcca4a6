#include "glob.hpp"

#include <fnmatch.h>

#include <sluice/failure.hpp>
#include <sluice/input.hpp>

namespace sluice::sftp {

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
