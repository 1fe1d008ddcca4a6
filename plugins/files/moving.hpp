// Moving a file so that it can be repeated: who finds the file gone looks whether it has arrived.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>

#include "root.hpp"

namespace files {

enum class overwrite_policy { fail, replace, keep_both };

overwrite_policy read_overwrite(const json& input, overwrite_policy fallback);

// What a file must still be: `size` and `modifiedAt` of the input, when they are there.
class expected_file {
  public:
    expected_file() = default;
    explicit expected_file(const json& input);
    // SLUICE_CONFLICT
    void check(const file_info& found) const;

  private:
    std::optional<std::uint64_t> size_;
    std::string modified_;
};

struct movement {
    std::string from;
    std::string to;
    overwrite_policy overwrite = overwrite_policy::fail;
    std::string hash;  // of the step, for the name that keep_both makes
    expected_file expected;
};

struct arrival {
    std::string path;
    bool repeated = false;  // an earlier try had moved it
};

arrival move_file(const root& folder, const movement& wanted);

}  // namespace files
