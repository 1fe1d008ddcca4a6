// Moving a file so that it can be repeated: who finds the file gone looks whether it has arrived.
#pragma once

#include <optional>
#include <string>

#include "options.hpp"
#include "session.hpp"

namespace sluice::sftp {

// What a file must still be: "size" and "modifiedAt" of the input, when they are there.
struct expected_file {
    explicit expected_file(const json& input);
    bool fits(const file_info& found) const;

    std::optional<std::uint64_t> size;
    std::optional<std::int64_t> modified;
};

struct movement {
    std::string from;
    std::string to;
    overwrite_policy overwrite;
    std::string hash;  // of the step, for the name of keep_both
    expected_file expected;
};

struct arrival {
    std::string path;
    bool repeated;  // it was there already
    file_info file;
};

arrival move_file(session& server, const movement& wanted);

// "/done/orders.csv" -> "/done/orders.0123456789abcdef.csv"
std::string with_hash(const std::string& path, const std::string& hash);

}  // namespace sluice::sftp
