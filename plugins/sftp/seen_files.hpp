// What listNewFiles remembers between two looks: its cursor.
#pragma once

#include <cstdint>
#include <sluice/json.hpp>
#include <string>
#include <vector>

#include "file_info.hpp"

namespace sluice::sftp {

// A file in one state: another size or time makes another one. The lowest bit is free.
std::uint64_t version_of(const std::string& path, const file_info& info);

class seen_files {
  public:
    enum class state { unknown, seen, given };

    // So many fit into the 64 KiB that a cursor may have: six bytes each, as base64.
    static constexpr std::size_t most = 7500;

    seen_files() = default;
    // Of a cursor; null: nothing yet. SLUICE_INVALID_INPUT when it is none of this action.
    explicit seen_files(const json& cursor);

    state of(std::uint64_t version) const;
    // Each version once.
    void add(std::uint64_t version, state now);
    // Whether the next look follows at once, for the rest of what could be given.
    bool at_once() const noexcept { return at_once_; }
    void set_at_once(bool at_once) noexcept { at_once_ = at_once; }
    json cursor() const;

  private:
    bool at_once_ = false;
    std::vector<std::uint64_t> sorted_;  // versions with "given" as the lowest bit
};

}  // namespace sluice::sftp
