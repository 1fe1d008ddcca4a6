// Finding new files in a folder by looking again and again: what a polling action remembers between
// two looks, in its cursor. A file is given once for each version of it (size and time of change),
// and only when it is whole: unchanged since the look before, or as old as `min_age`.
//
// Needs OpenSSL: give sluice_add_connector `LIBRARIES OpenSSL::Crypto`.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "sluice/context.hpp"
#include "sluice/encoding.hpp"
#include "sluice/failure.hpp"
#include "sluice/json.hpp"
#include "sluice/step_hash.hpp"

namespace sluice {
inline namespace sdk {

struct found_file {
    std::string path;
    std::string name;
    std::uint64_t size = 0;
    std::chrono::milliseconds modified{};  // since 1970
    std::string modified_text;
};

struct look_options {
    std::size_t limit = 100;
    std::optional<std::chrono::milliseconds> min_age;
    std::chrono::milliseconds now{};  // since 1970; counts with min_age alone
};

// What a cursor remembers: versions of files, each in 47 bits; the lowest bit says whether it has
// been given.
class seen_files {
  public:
    // So many fit into the 64 KiB that a cursor may have.
    static constexpr std::size_t most = 7500;
    enum class state { unknown, seen, given };

    // Of a cursor; null: nothing yet. SLUICE_INVALID_INPUT when it is none of this action.
    explicit seen_files(const json& cursor) {
        if (cursor.is_null()) return;
        const std::string text = cursor.is_string() ? cursor.as_string() : "";
        at_once_ = text.starts_with("2:");
        std::optional<std::string> bytes;
        if (at_once_ || text.starts_with("1:")) bytes = base64_decode(text.substr(2));
        if (!bytes || bytes->size() % entry_bytes != 0) {
            throw failure(SLUICE_INVALID_INPUT, "'cursor' is none that listNewFiles has given");
        }
        for (std::size_t at = 0; at < bytes->size(); at += entry_bytes) {
            std::uint64_t entry = 0;
            for (std::size_t i = 0; i < entry_bytes; ++i)
                entry = entry << 8 | static_cast<unsigned char>((*bytes)[at + i]);
            entries_.push_back(entry);
        }
        std::sort(entries_.begin(), entries_.end());
    }
    seen_files() = default;

    static std::uint64_t version_of(const found_file& file) {
        const auto digest = sha256(file.path + '\0' + std::to_string(file.size) + '\0' +
                                   std::to_string(file.modified.count()));
        std::uint64_t version = 0;
        for (std::size_t i = 0; i < entry_bytes; ++i)
            version = version << 8 | digest[i];
        return version & ~std::uint64_t{1};
    }
    state of(std::uint64_t version) const {
        const auto found = std::lower_bound(entries_.begin(), entries_.end(), version);
        if (found == entries_.end() || (*found & ~std::uint64_t{1}) != version) {
            return state::unknown;
        }
        return (*found & 1) != 0 ? state::given : state::seen;
    }
    void add(std::uint64_t version, state now) {
        entries_.push_back(version | (now == state::given ? 1u : 0u));
    }
    // Whether this look follows the one before at once, for the rest of what it found.
    bool at_once() const noexcept { return at_once_; }
    std::string cursor(bool at_once) const {
        std::string bytes;
        for (const std::uint64_t entry : entries_) {
            for (std::size_t i = entry_bytes; i-- > 0;)
                bytes.push_back(static_cast<char>(entry >> (8 * i) & 0xFF));
        }
        return (at_once ? "2:" : "1:") + base64_encode(bytes);
    }

  private:
    static constexpr std::size_t entry_bytes = 6;
    bool at_once_ = false;
    std::vector<std::uint64_t> entries_;
};

// The output of a polling action: {items: [{path, name, size, modifiedAt, key}], cursor, more}.
// `folder` is for the message when it cannot be remembered any more.
inline json look_for_new_files(std::vector<found_file> found, const seen_files& before,
                               const look_options& options, const std::string& folder) {
    using state = seen_files::state;
    std::sort(found.begin(), found.end(), [](const found_file& a, const found_file& b) {
        return std::tie(a.modified, a.path) < std::tie(b.modified, b.path);
    });
    // The oldest ones that can be remembered; the others get their turn when these are gone.
    const bool crowded = found.size() > seen_files::most;
    if (crowded) found.resize(seen_files::most);
    seen_files after;
    json::array_type items;
    bool more = false;
    std::size_t given_before = 0;
    for (const found_file& file : found) {
        const std::uint64_t version = seen_files::version_of(file);
        state now = before.of(version);
        const bool whole =
            options.min_age ? options.now - file.modified >= *options.min_age : now == state::seen;
        if (now == state::given) {
            ++given_before;
        } else if (whole && items.size() < options.limit) {
            now = state::given;
            items.push_back(json{
                {"path", file.path},
                {"name", file.name},
                {"size", file.size},
                {"modifiedAt", file.modified_text},
                {"key", file.path + " " + std::to_string(file.size) + " " + file.modified_text}});
        } else if (now == state::unknown && before.at_once()) {
            continue;  // some time must pass between the first look at this file and the next
        } else {
            more = more || whole;
            now = state::seen;
        }
        after.add(version, now);
    }
    if (crowded && given_before == found.size()) {
        throw failure(SLUICE_CONFLICT, folder +
                                           " is full of files that have been given already: move "
                                           "them away or choose another 'glob'");
    }
    return json{
        {"items", json::array(std::move(items))}, {"cursor", after.cursor(more)}, {"more", more}};
}

// Puts into the output of a look how many files lie there that cannot be given, and into the
// execution's log: nobody would miss them otherwise.
inline void tell_unusable_names(const context& ctx, json& output, std::size_t count,
                                const std::string& folder) {
    output.set("unusableNames", count);
    if (count == 0) return;
    ctx.log(log_level::warning,
            "files of " + folder + " are left lying: their names cannot be used (no UTF-8, or " +
                "longer than 255 bytes)",
            json{{"files", count}});
}

}  // namespace sdk
}  // namespace sluice
