#include "plugin/scan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "plugin/binary_section.hpp"
#include "plugin/file_trust.hpp"
#include "plugin/sanitizer.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

namespace {

namespace fs = std::filesystem;
using outcome = std::variant<found_connector, refusal>;

// Copies that reserve the size first and fill in later keep size and inode; their times tell.
constexpr std::int64_t settling_ns = 2'000'000'000;

#if defined(_WIN32)
constexpr std::string_view suffix = ".dll";
#else
constexpr std::string_view suffix = ".so";
#endif

refusal refuse(const fs::path& file, const base::error& why) {
    return refusal{file, why.message, why.hint};
}

base::result<void> check_binary(const binary_facts& facts) {
    using base::error_code;
    using base::make_error;
    if (facts.format == binary_format::pe32_plus) {
        return make_error(error_code::unsupported, "this is a library for Windows",
                          "Use the connector's build for this system.");
    }
    if (facts.machine != native_machine()) {
        return make_error(error_code::unsupported,
                          "it was built for " + facts.machine + ", this machine is " +
                              std::string(native_machine()),
                          "Use the connector's build for this machine.");
    }
    if (!facts.has_section) {
        return make_error(
            error_code::invalid_input,
            "it has no section `" SLUICE_DESCRIPTOR_SECTION
            "`, so it is not a connector or its descriptor got lost in linking",
            "Build it with sluice_add_connector, or move the file out of the folder.");
    }
    return {};
}

base::result<void> check_entry(const binary_facts& facts) {
    if (std::ranges::binary_search(facts.exports, SLUICE_ENTRY_NAME)) return {};
    const auto other = std::ranges::find_if(facts.exports, [](const std::string& name) {
        return name.starts_with("sluice_connector_v");
    });
    if (other != facts.exports.end()) {
        return base::make_error(
            base::error_code::unsupported,
            "it exports `" + *other + "`, this host needs `" SLUICE_ENTRY_NAME "`",
            "Build the connector with this host's SDK.");
    }
    return base::make_error(base::error_code::invalid_input,
                            "it does not export the function `" SLUICE_ENTRY_NAME "`",
                            "Declare it with SLUICE_EXPORT and build again.");
}

outcome read_and_check(const fs::path& file) {
    auto bytes = base::read_file(file, library_size_limit);
    if (!bytes) {
        return refusal{file, bytes.error_value().message, "Let the host's user read the file."};
    }
    const auto facts = read_binary(*bytes, SLUICE_DESCRIPTOR_SECTION);
    if (!facts) return refuse(file, facts.error_value());
    if (auto fits = check_binary(*facts); !fits) return refuse(file, fits.error_value());
    auto description = parse_descriptor(facts->section);
    if (!description) return refuse(file, description.error_value());
    if (auto fits = check_compatibility(*description); !fits)
        return refuse(file, fits.error_value());
    if (auto fits = check_entry(*facts); !fits) return refuse(file, fits.error_value());
    if (const std::string_view sanitizer = foreign_sanitizer(*bytes); !sanitizer.empty()) {
        return refusal{
            file,
            "it is built with the " + std::string(sanitizer) + ", which would end this program",
            "Build it for release (cmake --preset release); the preset dev is for its "
            "tests."};
    }
    return found_connector{file, base::to_hex(base::sha256(*bytes)), std::move(*description)};
}

std::optional<refusal> check_link(const fs::path& file, const fs::path& folder) {
    std::error_code failure;
    if (!fs::is_symlink(fs::symlink_status(file, failure))) return {};
    const fs::path target = fs::canonical(file, failure);
    if (failure) {
        return refusal{file, "the link leads nowhere", "Remove it or repair its target."};
    }
    const auto inside = std::ranges::mismatch(folder, target).in1 == folder.end();
    if (inside) return {};
    return refusal{file, "the link leads out of the connectors folder (to " + target.string() + ")",
                   "Copy the file into the folder instead."};
}

}  // namespace

std::string refusal::to_text() const { return file.string() + ": " + reason + ". " + next_step; }

int scanner::rank(const found_connector& one) const {
    const auto before = taken_.find(one.file);
    const bool is_taken = before != taken_.end() && before->second == one.sha256;
    return (trusted_ && trusted_(one.sha256) ? 2 : 0) + (is_taken ? 1 : 0);
}

void scanner::add_unless_taken(scan_result& result, found_connector found) const {
    const auto& id = found.description.id;
    const auto& number = found.description.version;
    const auto taken = std::ranges::find_if(result.found, [&](const found_connector& other) {
        return other.description.id == id && other.description.version == number;
    });
    if (taken == result.found.end()) {
        result.found.push_back(std::move(found));
        return;
    }
    if (rank(found) > rank(*taken)) std::swap(*taken, found);
    const bool same = taken->sha256 == found.sha256;
    const std::string name = taken->file.filename().string();
    result.refused.push_back(
        refusal{found.file,
                id + " " + number.to_text() + " is already there in " + name +
                    (same ? " (the same file)" : " (with other content)"),
                same ? "Remove one of the two."
                     : "Remove one of the two, or give the newer one a higher version."});
}

outcome inspect_file(const fs::path& file) {
    std::error_code failure;
    const fs::path absolute = fs::absolute(file, failure);
    if (auto refused = check_file_trust(absolute)) return *refused;
    if (auto refused = check_folder_trust(absolute)) return *refused;
    return read_and_check(absolute);
}

std::optional<scanner::identity> scanner::identify(const fs::path& file) {
    struct stat facts = {};
    if (::stat(file.c_str(), &facts) != 0) return {};
    const auto nanoseconds = [](const timespec& time) {
        return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return identity{facts.st_dev, facts.st_ino, facts.st_size, nanoseconds(facts.st_mtim),
                    nanoseconds(facts.st_ctim)};
}

scanner::verdict scanner::judge(const fs::path& file, const fs::path& folder) {
    if (auto refused = check_link(file, folder)) return {std::nullopt, *refused};
    // Not remembered with the file: its folder changes without it.
    if (auto refused = check_folder_trust(file)) return {std::nullopt, *refused};
    const auto before = identify(file);
    if (const auto known = remembered_.find(file); known != remembered_.end()) {
        if (before && known->second.of == before) return known->second;
    }
    const std::int64_t now_ns = time_.unix_ms() * 1'000'000;
    verdict fresh{before, inspect_file(file)};
    const bool settled = before && identify(file) == before &&
                         std::max(before->modified_ns, before->changed_ns) < now_ns - settling_ns;
    if (!settled) fresh.of.reset();
    return fresh;
}

base::result<scan_result> scanner::scan(const fs::path& folder) {
    std::error_code failure;
    const fs::path root = fs::canonical(folder, failure);
    std::vector<fs::path> files;
    // Incremented by hand, because the range-for form throws.
    for (fs::directory_iterator entry(root, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (entry->path().extension() == suffix) files.push_back(entry->path());
    }
    if (failure) {
        return base::make_error(base::error_code::not_found,
                                "the connectors folder " + folder.string() + " cannot be read (" +
                                    failure.message() + ")",
                                "Make the folder, or name another one with --plugins.");
    }
    std::ranges::sort(files);
    scan_result result;
    std::map<fs::path, verdict> verdicts;
    for (const fs::path& file : files) {
        const verdict& judged = verdicts[file] = judge(file, root);
        if (const auto* refused = std::get_if<refusal>(&judged.result)) {
            result.refused.push_back(*refused);
        } else {
            add_unless_taken(result, std::get<found_connector>(judged.result));
        }
    }
    std::erase_if(verdicts, [](const auto& entry) { return !entry.second.of; });
    remembered_ = std::move(verdicts);
    std::ranges::sort(result.found, {}, &found_connector::file);
    std::ranges::sort(result.refused, {}, &refusal::file);
    taken_.clear();
    for (const found_connector& one : result.found)
        taken_[one.file] = one.sha256;
    return result;
}

base::result<scan_result> scan_folder(const fs::path& folder) {
    base::system_clock time;
    return scanner(time).scan(folder);
}

}  // namespace sluice::plugin
