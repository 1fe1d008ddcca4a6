#include "root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "errors.hpp"
#include "paths.hpp"

namespace files {

using sluice::failure;

namespace {

constexpr int always = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

std::string checked_root(const sluice::context& ctx) {
    const std::string& folder = ctx.connection_string("root");
    if (!folder.starts_with('/')) {
        throw failure(SLUICE_INVALID_INPUT, "the connection's 'root' must begin with /");
    }
    return folder;
}

// What shuts in a process of its own refuses to open folders that this user may read; looking at
// their modes it does not refuse. Elsewhere such a refusal may have other reasons.
void check_not_shut_in(int folder) {
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return;
    const file_descriptor opened(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened || errno != EACCES) return;
    if (::faccessat(folder, ".", R_OK, AT_EACCESS) != 0) return;
    throw failure(SLUICE_UNSUPPORTED,
                  "this connector seems to run in a process of its own, which may not read folders "
                  "of this machine: sluice serve needs --isolation files=none");
}

}  // namespace

root::root(const sluice::context& ctx) : root(checked_root(ctx)) {
    check_not_shut_in(folder_.get());
}

root::root(const std::string& folder, resolution how)
    : folder_(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)), how_(how) {
    if (!folder_) throw failure_of(errno, "the connection's root", folder);
}

int root::try_open(const char* path, int flags, unsigned mode) const {
    if (how_ == resolution::by_walk) return walk(path, flags, mode);
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    constexpr int tries = 100;  // EAGAIN: something on the way was renamed meanwhile
    for (int i = 0; i < tries; ++i) {
        const long opened = ::syscall(SYS_openat2, folder_.get(), path, &how, sizeof(how));
        if (opened >= 0) return static_cast<int>(opened);
        // A system without it, or a filter for calls that does not know it.
        if (errno == ENOSYS || errno == EPERM) return walk(path, flags, mode);
        if (errno != EAGAIN) break;
    }
    return -1;
}

int root::walk(std::string_view path, int flags, unsigned mode) const {
    file_descriptor at(::openat(folder_.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const std::vector<std::string> names =
        path == "." ? std::vector<std::string>{"."} : names_in(path);
    for (std::size_t i = 0; at && i < names.size(); ++i) {
        const bool last = i + 1 == names.size();
        const int wanted =
            last ? flags | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        at = file_descriptor(::openat(at.get(), names[i].c_str(), wanted, last ? mode : 0));
    }
    return at.release();
}

file_descriptor root::open(const std::string& path, int flags, unsigned mode) const {
    file_descriptor opened(try_open(path.empty() ? "." : path.c_str(), flags | always, mode));
    if (!opened) throw failure_of(errno, "cannot open", path);
    return opened;
}

file_descriptor root::open_folder(std::string_view path) const {
    const std::string text(path);
    file_descriptor opened(
        try_open(text.empty() ? "." : text.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
    if (!opened) throw failure_of(errno, "cannot open the folder", path);
    return opened;
}

place root::locate(const std::string& path) const {
    return {open_folder(folder_of(path)), std::string(name_of(path)), path};
}

std::optional<file_info> root::find(const std::string& path) const {
    if (path.empty()) return info_of_open(folder_, path);
    file_descriptor folder(
        try_open(path.find('/') == path.npos ? "." : std::string(folder_of(path)).c_str(),
                 O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
    struct stat status {};
    const std::string name(name_of(path));
    if (!folder || ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return std::nullopt;
        throw failure_of(errno, "cannot look at", path);
    }
    return info_of(path, status);
}

file_info root::find_file(const std::string& path) const {
    const std::optional<file_info> found = find(path);
    if (!found) throw failure(SLUICE_NOT_FOUND, "there is no '" + path + "'");
    if (found->type != file_type::file) {
        throw failure(SLUICE_INVALID_INPUT, "'" + path + "' is no file");
    }
    return *found;
}

void root::read_folder(const std::string& path, const std::function<bool(file_info)>& each) const {
    file_descriptor opened = open(path, O_RDONLY | O_DIRECTORY);
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(opened.get()), &::closedir);
    if (folder == nullptr) throw failure_of(errno, "cannot list", path);
    opened.release();
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(folder.get());
        if (entry == nullptr) {
            if (errno != 0) throw failure_of(errno, "cannot list", path);
            return;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat status {};
        if (::fstatat(::dirfd(folder.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;  // gone since
            throw failure_of(errno, "cannot look at", join(path, name));
        }
        if (!each(info_of(join(path, name), status))) return;
    }
}

bool root::make_folders(const std::string& path) const {
    constexpr unsigned usual = 0777;  // less the umask
    std::string made;
    bool is_new = false;
    for (const std::string& name : names_in(path)) {
        const file_descriptor folder = open_folder(made);
        made = join(made, name);
        is_new = ::mkdirat(folder.get(), name.c_str(), usual) == 0;
        if (!is_new && errno != EEXIST) throw failure_of(errno, "cannot make the folder", made);
    }
    open_folder(path);  // a file, or a link that leads out, is no folder
    return is_new;
}

bool root::rename(const std::string& from, const std::string& to, replacing how) const {
    const place source = locate(from);
    const place target = locate(to);
    const unsigned flags = how == replacing::refused ? RENAME_NOREPLACE : 0u;
    if (::renameat2(source.folder.get(), source.name.c_str(), target.folder.get(),
                    target.name.c_str(), flags) != 0) {
        if (errno == EEXIST && how == replacing::refused) return false;
        if (errno == EXDEV) {
            throw failure(
                SLUICE_INVALID_INPUT,
                "'" + from + "' and '" + to + "' lie on different file systems: read and write");
        }
        throw failure_of(errno, "cannot move to '" + to + "' the file", from);
    }
    sync(open(std::string(folder_of(to)), O_RDONLY | O_DIRECTORY), to);
    if (folder_of(from) != folder_of(to)) {
        sync(open(std::string(folder_of(from)), O_RDONLY | O_DIRECTORY), from);
    }
    return true;
}

bool root::remove(const std::string& path) const {
    const std::optional<file_info> found = find(path);
    if (!found) return false;
    const place target = locate(path);
    const int flags = found->type == file_type::folder ? AT_REMOVEDIR : 0;
    if (::unlinkat(target.folder.get(), target.name.c_str(), flags) == 0) return true;
    if (errno == ENOENT) return false;
    throw failure_of(errno, "cannot delete", path);
}

file_info info_of_open(const file_descriptor& open, const std::string& path) {
    struct stat status {};
    if (::fstat(open.get(), &status) != 0) throw failure_of(errno, "cannot look at", path);
    return info_of(path, status);
}

void sync(const file_descriptor& open, const std::string& path) {
    if (::fsync(open.get()) != 0) throw failure_of(errno, "cannot make durable", path);
}

}  // namespace files
