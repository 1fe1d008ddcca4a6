#include "plugin/file_trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sluice::plugin {

namespace {

constexpr mode_t writable_by_others = S_IWGRP | S_IWOTH;

bool is_root() { return ::geteuid() == 0; }

}  // namespace

std::optional<refusal> check_file_trust(const std::filesystem::path& file) {
    struct stat facts = {};
    if (::stat(file.c_str(), &facts) != 0) {
        return refusal{file,
                       "the file cannot be read (" + std::generic_category().message(errno) + ")",
                       "Remove the file or the broken link."};
    }
    if (!S_ISREG(facts.st_mode)) {
        return refusal{file, "this is not a regular file", "Move it out of the folder."};
    }
    if (!is_root()) return {};
    if (facts.st_uid != 0) {
        return refusal{
            file,
            "it belongs to user " + std::to_string(facts.st_uid) + ", and the host runs as root",
            "Run `chown root` on it, or run the host as another user."};
    }
    if ((facts.st_mode & writable_by_others) != 0) {
        return refusal{file, "others may write to this file, and the host runs as root",
                       "Run `chmod go-w` on it, or run the host as another user."};
    }
    return {};
}

std::optional<refusal> check_folder_trust(const std::filesystem::path& file) {
    if (!is_root()) return {};
    std::error_code failure;
    // Of what a link leads to. Whoever may rename a folder further up decides what is in it, too.
    std::filesystem::path folder = std::filesystem::canonical(file, failure).parent_path();
    if (failure) return {};  // the file's own check says why
    for (;; folder = folder.parent_path()) {
        struct stat facts = {};
        if (::stat(folder.c_str(), &facts) != 0) return {};
        const std::string name = "the folder " + folder.string();
        if (facts.st_uid != 0) {
            return refusal{file,
                           name + " belongs to user " + std::to_string(facts.st_uid) +
                               ", and the host runs as root",
                           "Run `chown root` on it, or run the host as another user."};
        }
        if ((facts.st_mode & writable_by_others) != 0 && (facts.st_mode & S_ISVTX) == 0) {
            return refusal{file, "others may write to " + name + ", and the host runs as root",
                           "Run `chmod go-w` on it, or run the host as another user."};
        }
        if (!folder.has_relative_path()) return {};
    }
}

}  // namespace sluice::plugin
