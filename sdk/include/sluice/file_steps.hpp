// Moving, claiming and putting away files, so that each step can be repeated wherever it was ended:
// the same for a folder of the machine and for a server, behind a small interface.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/failure.hpp"
#include "sluice/file_names.hpp"
#include "sluice/json.hpp"
#include "sluice/option.hpp"
#include "sluice/utc_text.hpp"

namespace sluice {
inline namespace sdk {

struct stored_file {
    bool is_file = false;  // not a folder, a link ...
    std::uint64_t size = 0;
    std::chrono::milliseconds modified{};  // since 1970
    std::string modified_text;
};

// Where the files lie. Each function throws a failure when it does not work.
class file_store {
  public:
    virtual ~file_store() = default;

    // Of the link itself when it is one; nothing when there is nothing of that name.
    virtual std::optional<stored_file> find(const std::string& path) = 0;
    // False: `to` exists, and nothing was done.
    virtual bool rename(const std::string& from, const std::string& to) = 0;
    // `to` may exist, and is gone then.
    virtual void replace(const std::string& from, const std::string& to) = 0;
    // With those above it; works when it exists.
    virtual void make_folders(const std::string& path) = 0;
    // Makes the file or writes over it; durable afterwards.
    virtual void write(const std::string& path, std::string_view text) = 0;
};

// What becomes of a file that is where another one is to go.
enum class overwrite_policy {
    fail,      // it stays: SLUICE_CONFLICT
    replace,   // it is gone
    keep_both  // the new one gets another name
};

// The input's `overwrite`: fail, replace or keepBoth.
inline overwrite_policy overwrite_option(const json& input, overwrite_policy fallback) {
    if (input["overwrite"].is_null()) return fallback;
    const std::string name = choice_option(input, "overwrite", {"fail", "replace", "keepBoth"});
    return name == "fail"      ? overwrite_policy::fail
           : name == "replace" ? overwrite_policy::replace
                               : overwrite_policy::keep_both;
}

// What a file must still be: `size` and `modifiedAt` of the input, when they are there.
class expected_file {
  public:
    expected_file() = default;
    explicit expected_file(const json& input) {
        if (!input["size"].is_null()) {
            constexpr std::int64_t largest = std::int64_t{1} << 62;
            size_ = static_cast<std::uint64_t>(int_option(input, "size", 0, 0, largest));
        }
        const std::string text = string_option(input, "modifiedAt", "");
        if (text.empty()) return;
        modified_ = parse_utc(text);
        if (!modified_) {
            throw failure(SLUICE_INVALID_INPUT, "not a time like 2026-01-31T12:00:00Z: " + text);
        }
    }
    bool fits(const stored_file& found) const {
        return (!size_ || *size_ == found.size) && (!modified_ || *modified_ == found.modified);
    }

  private:
    std::optional<std::uint64_t> size_;
    std::optional<std::chrono::milliseconds> modified_;
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

// Who finds the file gone looks whether it has arrived. SLUICE_NOT_FOUND, SLUICE_CONFLICT.
inline arrival move_file(file_store& store, const movement& wanted) {
    if (wanted.from == wanted.to) {
        throw failure(SLUICE_INVALID_INPUT, "'" + wanted.from + "' would be moved to itself");
    }
    const bool both = wanted.overwrite == overwrite_policy::keep_both;
    const std::string other = with_hash(wanted.to, wanted.hash);
    const auto arrived_at = [&](const std::string& place) {
        const std::optional<stored_file> found = store.find(place);
        return found && wanted.expected.fits(*found);
    };
    // Looked for first: it is this step's, even when another file has come under the old name.
    if (both && arrived_at(other)) return {other, true};
    const std::optional<stored_file> source = store.find(wanted.from);
    if (!source) {
        if (arrived_at(wanted.to)) return {wanted.to, true};
        throw failure(SLUICE_NOT_FOUND, "there is no '" + wanted.from + "'");
    }
    if (!wanted.expected.fits(*source)) {
        throw failure(SLUICE_CONFLICT, "'" + wanted.from + "' was changed meanwhile");
    }
    if (wanted.overwrite == overwrite_policy::replace) {
        store.replace(wanted.from, wanted.to);
        return {wanted.to, false};
    }
    if (store.rename(wanted.from, wanted.to)) return {wanted.to, false};
    if (both && store.rename(wanted.from, other)) return {other, false};
    throw failure(SLUICE_CONFLICT, "there is another '" + wanted.to + "' already");
}

// Moves a file to `mine` in the folder, a name that no other step has: see claimed_name(). Of
// several that claim the same file one gets it: its rename finds the file, those of the others do
// not. The output of an action: {path, name, originalPath, size, modifiedAt}.
inline json claim_file(file_store& store, const std::string& path, const std::string& folder,
                       const std::string& mine, const expected_file& expected) {
    const auto describe = [&](const stored_file& file) {
        return json{{"path", mine},
                    {"name", path.substr(path.rfind('/') + 1)},
                    {"originalPath", path},
                    {"size", file.size},
                    {"modifiedAt", file.modified_text}};
    };
    // Looked for first: since an earlier try of this step, another file may have come under the
    // old name, which is not to be touched.
    if (const auto found = store.find(mine)) return describe(*found);
    const std::optional<stored_file> source = store.find(path);
    if (!source) {
        throw failure(SLUICE_NOT_FOUND, "there is no '" + path + "': somebody else may have it");
    }
    if (!source->is_file) throw failure(SLUICE_INVALID_INPUT, "'" + path + "' is no file");
    if (!expected.fits(*source)) {
        throw failure(SLUICE_CONFLICT, "'" + path + "' was changed meanwhile");
    }
    store.make_folders(folder);
    store.replace(path, mine);
    return describe(*source);
}

// The output of an action: {path, name, repeated}.
inline json describe_arrival(const arrival& arrived) {
    return json{{"path", arrived.path},
                {"name", arrived.path.substr(arrived.path.rfind('/') + 1)},
                {"repeated", arrived.repeated}};
}

// Puts a claimed file into the folder, which is that of `wanted.to`.
inline json finish_file(file_store& store, const movement& wanted, const std::string& folder) {
    store.make_folders(folder);
    return describe_arrival(move_file(store, wanted));
}

// The same, with the reason beside it: a text, or JSON; null for none. The output has `reasonPath`,
// too. Whoever gets the file's name owns that of its reason, so the file is moved first; the reason
// lies ready under a hidden name before, which a repetition finds and puts there.
inline json fail_file(file_store& store, const movement& wanted, const std::string& folder,
                      const json& reason) {
    const char* ending = reason.is_string() ? ".error.txt" : ".reason.json";
    const std::string ready =
        hidden_beside(with_ending(wanted.to, ending, wanted.hash), wanted.hash);
    store.make_folders(folder);
    const bool is_here = store.find(wanted.from).has_value();
    if (is_here && wanted.overwrite == overwrite_policy::fail && store.find(wanted.to)) {
        throw failure(SLUICE_CONFLICT, "there is another '" + wanted.to + "' already");
    }
    if (is_here && !reason.is_null()) {
        store.write(ready, (reason.is_string() ? reason.as_string() : reason.dump()) + "\n");
    }
    const arrival arrived = move_file(store, wanted);
    json done = describe_arrival(arrived);
    const std::string reason_path = with_ending(arrived.path, ending, wanted.hash);
    if (!reason.is_null() && store.find(ready)) store.replace(ready, reason_path);
    done.set("reasonPath", reason.is_null() ? json() : json(reason_path));
    return done;
}

}  // namespace sdk
}  // namespace sluice
