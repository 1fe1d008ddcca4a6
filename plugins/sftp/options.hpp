// Options that several actions have. SLUICE_INVALID_INPUT for what they cannot be.
#pragma once

#include <cstdint>
#include <sluice/input.hpp>
#include <sluice/json.hpp>
#include <string>

namespace sluice::sftp {

// What becomes of a file that is where another one is to go.
enum class overwrite_policy {
    fail,      // SLUICE_CONFLICT
    replace,   // it is gone
    keep_both  // the new one gets another name
};

bool flag_or(const json& input, std::string_view key, bool fallback);
std::int64_t number_or(const json& input, std::string_view key, std::int64_t fallback,
                       std::int64_t lowest, std::int64_t highest);
overwrite_policy overwrite_or(const json& input, overwrite_policy fallback);

// A pattern of the shell: * ? [a-z]. Names that begin with a point match only patterns that do.
class glob {
  public:
    // The input's "glob"; all names when missing.
    explicit glob(const json& input);
    bool matches(const std::string& name) const;

  private:
    std::string pattern_;
};

}  // namespace sluice::sftp
