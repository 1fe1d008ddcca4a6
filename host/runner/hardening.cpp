#include "runner/hardening.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::runner {

namespace {

constexpr rlim_t open_files = 256;

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

}  // namespace

std::string harden(const hardening_options& options) {
    json::value refused = json::value::array();
    const auto tried = [&refused](bool worked, const char* what) {
        if (!worked) refused.push(std::string(what) + ": " + reason());
        return worked;
    };
    const bool no_new = tried(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
    // Nobody of the same user may look into the memory, where connections' secrets are.
    tried(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, "dumpable");
    tried(limit(RLIMIT_CORE, 0), "limit of core files");
    const bool files = tried(limit(RLIMIT_NOFILE, open_files), "limit of open files");
    const bool memory =
        !sanitized && tried(limit(RLIMIT_AS, options.memory_mib << 20), "limit of memory");
    int landlock = 0;
    if (const std::string why = restrict_files(options, landlock); !why.empty()) {
        refused.push("landlock: " + why);
    }
    const bool dropped = tried(drop_capabilities(), "capabilities");
    const std::string no_seccomp = restrict_system_calls(options);
    if (!no_seccomp.empty()) refused.push("seccomp: " + no_seccomp);
    return json::to_text(json::value::object(
        {{"noNewPrivileges", no_new},
         {"capabilities", dropped ? "none" : "as the host"},
         {"memoryMib", static_cast<std::int64_t>(memory ? options.memory_mib : 0)},
         {"openFiles", static_cast<std::int64_t>(files ? open_files : 0)},
         {"landlock", std::int64_t{landlock}},
         {"seccomp", no_seccomp.empty()},
         {"network", options.network},
         {"exec", options.exec},
         {"refused", std::move(refused)}}));
}

}  // namespace sluice::runner
