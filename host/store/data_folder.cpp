#include "store/data_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sluice::store {

namespace {

// Bytes of the lock file that stand for something (the file itself holds the host's pid).
constexpr off_t host_byte = 1000;
constexpr off_t reader_byte = 1001;

std::string system_reason() { return std::generic_category().message(errno); }

base::error failed(const std::string& what, const std::filesystem::path& path) {
    return base::make_error(base::error_code::unavailable,
                            "cannot " + what + " " + path.string() + ": " + system_reason());
}

struct flock byte_lock(short type, off_t byte) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return lock;
}

// Waits when `wait`; otherwise false when somebody else has it.
bool set_lock(int descriptor, short type, off_t byte, bool wait) {
    struct flock lock = byte_lock(type, byte);
    int outcome = 0;
    do {
        outcome = ::fcntl(descriptor, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
    } while (outcome != 0 && errno == EINTR);
    return outcome == 0;
}

std::string written_pid(int descriptor) {
    char text[24] = {};
    const ssize_t length = ::pread(descriptor, text, sizeof text - 1, 0);
    std::string pid(text, length > 0 ? static_cast<std::size_t>(length) : 0);
    pid.erase(pid.find_last_not_of("\n ") + 1);
    return pid.empty() ? "unknown" : pid;
}

base::result<void> make_private(const std::filesystem::path& folder) {
    std::error_code problem;
    if (!std::filesystem::exists(folder, problem)) {
        const auto parent = std::filesystem::absolute(folder, problem).parent_path();
        std::filesystem::create_directories(parent, problem);
        if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
            return failed("create the data folder", folder);
        }
    }
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0) return failed("look at the data folder", folder);
    if (!S_ISDIR(found.st_mode)) {
        return base::make_error(base::error_code::invalid_input,
                                folder.string() + " is a file; a data folder is needed");
    }
    if ((found.st_mode & 077) == 0) return {};
    if (found.st_uid != ::geteuid() || (found.st_mode & 022) != 0) {
        return base::make_error(
            base::error_code::invalid_input,
            "others may write to the data folder " + folder.string() + ", or own it",
            "use a folder of its own, or: chmod 700 " + folder.string());
    }
    if (::chmod(folder.c_str(), 0700) != 0) return failed("make private", folder);
    return {};
}

}  // namespace

std::filesystem::path database_path(const std::filesystem::path& folder) {
    return folder / "sluice.db";
}
std::filesystem::path lock_path(const std::filesystem::path& folder) { return folder / "lock"; }
std::filesystem::path reserve_path(const std::filesystem::path& folder) {
    return folder / "reserve";
}

folder_lock::~folder_lock() { ::close(descriptor_); }

base::result<std::unique_ptr<folder_lock>> claim_folder(const std::filesystem::path& folder,
                                                        const file_system_probe& probe) {
    if (auto made = make_private(folder); !made) return made.error_value();
    auto facts = probe(folder);
    if (!facts) return facts.error_value();
    if (auto local = check_file_system(folder, facts->type); !local) return local.error_value();

    const auto path = lock_path(folder);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed("open", path);
    auto lock = std::make_unique<folder_lock>(descriptor);
    if (!set_lock(descriptor, F_WRLCK, host_byte, false)) {
        if (errno != EAGAIN && errno != EACCES) return failed("lock", path);
        return base::make_error(base::error_code::conflict,
                                "another host (pid " + written_pid(descriptor) +
                                    ") uses the data folder " + folder.string(),
                                "stop it, or use another data folder");
    }
    // Readers that come from now on see the host; those before it finish first.
    if (!set_lock(descriptor, F_WRLCK, reader_byte, true)) return failed("lock", path);
    set_lock(descriptor, F_UNLCK, reader_byte, false);

    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 ||
        ::pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return failed("write", path);
    }
    return lock;
}

base::result<folder_visit> visit_folder(const std::filesystem::path& folder) {
    const auto path = lock_path(folder);
    std::error_code problem;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || !std::filesystem::exists(database_path(folder), problem)) {
        const bool forbidden = descriptor < 0 && errno != ENOENT && errno != ENOTDIR;
        if (descriptor >= 0) ::close(descriptor);
        if (forbidden) return failed("open", path);
        return base::make_error(base::error_code::not_found,
                                "there is no store in " + folder.string(),
                                "name the folder that the host was started with (--data)");
    }
    folder_visit visit;
    visit.lock = std::make_unique<folder_lock>(descriptor);
    if (!set_lock(descriptor, F_RDLCK, reader_byte, true)) return failed("lock", path);
    struct flock host = byte_lock(F_RDLCK, host_byte);
    if (::fcntl(descriptor, F_OFD_GETLK, &host) != 0) return failed("look at the lock", path);
    visit.host_runs = host.l_type != F_UNLCK;
    if (visit.host_runs) visit.lock.reset();
    return visit;
}

}  // namespace sluice::store
