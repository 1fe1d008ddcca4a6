// The file system as a connector's process sees it: what programs need to run, and a folder of its
// own. Raw system calls, because the C library has none for Landlock, and numbers of later versions
// than the installed header knows.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "base/file_descriptor.hpp"
#include "runner/hardening.hpp"

namespace sluice::runner {

namespace {

constexpr std::uint64_t execute = 1u << 0;
constexpr std::uint64_t write_file = 1u << 1;
constexpr std::uint64_t read_file = 1u << 2;
constexpr std::uint64_t read_folder = 1u << 3;
constexpr std::uint64_t truncate = 1u << 14;  // since version 3

struct ruleset {
    std::uint64_t files;
    std::uint64_t net;     // since version 4
    std::uint64_t scopes;  // since version 6
};
constexpr std::uint64_t abstract_sockets = 1u << 0;
constexpr std::uint64_t signals = 1u << 1;

struct [[gnu::packed]] path_rule {
    std::uint64_t allowed;
    std::int32_t folder;
};

std::uint64_t all_file_rights(int version) {
    std::uint64_t rights = (1u << 13) - 1;
    if (version >= 2) rights |= 1u << 13;  // linking and renaming between folders
    if (version >= 3) rights |= truncate;
    if (version >= 5) rights |= 1u << 15;  // ioctl of devices
    return rights;
}

std::size_t size_of_ruleset(int version) {
    if (version >= 6) return sizeof(ruleset);
    return version >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

std::string reason(const char* what) {
    return std::string(what) + ": " + std::generic_category().message(errno);
}

// Files that are not there need no rule.
void allow(int rules, const char* path, std::uint64_t rights) {
    const base::file_descriptor opened(::open(path, O_PATH | O_CLOEXEC));
    if (!opened.is_open()) return;
    const path_rule rule = {rights, opened.get()};
    constexpr int beneath = 1;
    ::syscall(SYS_landlock_add_rule, rules, beneath, &rule, 0);
}

constexpr std::array programs = {"/usr", "/lib", "/lib64", "/bin"};
// Of /etc/ssl not all: /etc/ssl/private holds this machine's keys.
constexpr std::array read_only_folders = {"/etc/ssl/certs", "/etc/ca-certificates",
                                          "/sys/devices/system/cpu", "/proc/self"};
constexpr std::array read_only_files = {
    "/etc/ssl/openssl.cnf", "/etc/ssl/cert.pem", "/etc/ld.so.cache",   "/etc/localtime",
    "/etc/resolv.conf",     "/etc/hosts",        "/etc/nsswitch.conf", "/etc/host.conf",
    "/etc/gai.conf",        "/etc/services",     "/etc/protocols",     "/etc/passwd",
    "/etc/group",           "/dev/urandom",      "/dev/random",        "/dev/zero",
    "/proc/cpuinfo",        "/proc/meminfo"};

}  // namespace

std::string restrict_files(const hardening_options& options, int& landlock_version) {
    constexpr std::uint32_t ask_version = 1;
    const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, ask_version);
    if (version < 1) return reason("the kernel has none");
    const int known = std::min(static_cast<int>(version), options.landlock_at_most);
    if (known < 1) return "the kernel has none";
    const std::uint64_t all = all_file_rights(known);
    const ruleset wanted = {all, 0, known >= 6 ? abstract_sockets | signals : 0};
    const base::file_descriptor rules(static_cast<int>(
        ::syscall(SYS_landlock_create_ruleset, &wanted, size_of_ruleset(known), 0)));
    if (!rules.is_open()) return reason("no set of rules");
    const std::uint64_t look = read_file | read_folder;
    for (const char* folder : programs)
        allow(rules.get(), folder, look | (options.exec ? execute : 0));
    for (const char* folder : read_only_folders)
        allow(rules.get(), folder, look);
    for (const char* file : read_only_files)
        allow(rules.get(), file, read_file);
    allow(rules.get(), "/dev/null", read_file | write_file);
    allow(rules.get(), options.library.c_str(), read_file);
    if (!options.temporary.empty()) allow(rules.get(), options.temporary.c_str(), all & ~execute);
    if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) return reason("not applied");
    landlock_version = known;
    return {};
}

}  // namespace sluice::runner
