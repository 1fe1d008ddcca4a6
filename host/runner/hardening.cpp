#include "runner/hardening.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace sluice::runner {

namespace {

constexpr rlim_t open_files = 256;
constexpr rlim_t largest_file = 4ull << 30;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

std::string reason() { return std::generic_category().message(errno); }

bool limit(__rlimit_resource what, rlim_t most) {
    const rlimit both = {most, most};
    return ::setrlimit(what, &both) == 0;
}

// Matters to a host that runs as root.
bool drop_capabilities() {
    __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    return ::syscall(SYS_capset, &head, none) == 0;
}

// Rights that an older Landlock does not know. The filter of system calls refuses most of what they
// would.
void name_missing_rights(plugin::hardening_report& report) {
    const std::string version = "landlock " + std::to_string(report.landlock);
    if (report.landlock == 0) return;  // said already
    if (report.landlock < 3) report.refused.push_back(version + ": no rule for cutting files off");
    if (report.landlock < 6) report.refused.push_back(version + ": no rule for signals");
}

}  // namespace

plugin::hardening_report harden(const hardening_options& options) {
    plugin::hardening_report out;
    out.network = options.network;
    out.exec = options.exec;
    const auto tried = [&out](bool worked, const char* what) {
        if (!worked) out.refused.push_back(std::string(what) + ": " + reason());
        return worked;
    };
    out.no_new_privileges = tried(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
    // Nobody of the same user may look into the memory, where connections' secrets are.
    tried(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "dumpable");
    tried(limit(RLIMIT_CORE, 0), "limit of core files");
    std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit fails, and no more
    tried(limit(RLIMIT_FSIZE, largest_file), "limit of a file's size");
    if (tried(limit(RLIMIT_NOFILE, open_files), "limit of open files")) out.open_files = open_files;
    if (!sanitized && tried(limit(RLIMIT_AS, options.memory_mib << 20), "limit of memory")) {
        out.memory_mib = static_cast<std::int64_t>(options.memory_mib);
    }
    int landlock = 0;
    if (const std::string why = restrict_files(options, landlock); !why.empty()) {
        out.refused.push_back("landlock: " + why);
    }
    out.landlock = landlock;
    out.no_capabilities = tried(drop_capabilities(), "capabilities");
    const std::string no_seccomp = restrict_system_calls(options, landlock);
    if (!no_seccomp.empty()) out.refused.push_back("seccomp: " + no_seccomp);
    out.seccomp = no_seccomp.empty();
    name_missing_rights(out);
    return out;
}

}  // namespace sluice::runner
