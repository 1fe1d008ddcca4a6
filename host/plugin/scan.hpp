// Looks through the connectors folder without loading anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin/descriptor.hpp"

namespace sluice::plugin {

inline constexpr std::size_t library_size_limit = 512u << 20;

// Why a file is not used: one sentence, and what to do about it.
struct refusal {
    std::filesystem::path file;
    std::string reason;
    std::string next_step;

    std::string to_text() const;  // "FILE: reason. Next step."
};

struct found_connector {
    std::filesystem::path file;  // absolute
    std::string sha256;          // of the whole file, hex
    descriptor description;
};

struct scan_result {
    std::vector<found_connector> found;  // by file name
    std::vector<refusal> refused;        // by file name
};

// One file, by every rule that needs no other file: reads, hashes, parses and checks it.
std::variant<found_connector, refusal> inspect_file(const std::filesystem::path& file);

// Remembers verdicts by what identifies a file's content (device, inode, size, change times), so
// that an unchanged folder costs one stat per file. Lives in memory: a new host asks again. A file
// that changed in the last two seconds is never remembered, because a copy may still be running.
// Not thread-safe; one scanner is used by one thread at a time.
class scanner {
  public:
    // `trusted`: says of a file's hash (as in found_connector) whether somebody vouches for it;
    // empty: nobody is asked.
    explicit scanner(base::clock& time, std::function<bool(const std::string&)> trusted = {})
        : time_(time), trusted_(std::move(trusted)) {}

    // Every `*.so` directly in `folder` (`*.dll` on Windows). Links that leave the folder and, when
    // running as root, files that others own or may change or replace, are refused. Of two files
    // with the same id and version one is taken and the other refused: the trusted one, else the
    // one that was taken the last time, so that nothing that is dropped beside it takes its place,
    // else the first by name. A missing or unreadable folder is an error. Blocks on disk.
    base::result<scan_result> scan(const std::filesystem::path& folder);

  private:
    struct identity {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t modified_ns = 0;
        std::int64_t changed_ns = 0;
        bool operator==(const identity&) const = default;
    };
    struct verdict {
        std::optional<identity> of;  // nothing: do not remember
        std::variant<found_connector, refusal> result;
    };
    static std::optional<identity> identify(const std::filesystem::path& file);
    verdict judge(const std::filesystem::path& file, const std::filesystem::path& folder);
    int rank(const found_connector& one) const;
    void add_unless_taken(scan_result& result, found_connector found) const;

    base::clock& time_;
    std::function<bool(const std::string&)> trusted_;
    std::map<std::filesystem::path, std::string> taken_;  // hashes of what the last scan found
    std::map<std::filesystem::path, verdict> remembered_;
};

// As above, once, remembering nothing.
base::result<scan_result> scan_folder(const std::filesystem::path& folder);

}  // namespace sluice::plugin
