// System calls that no connector needs: they fail with EPERM, so that it can say so.
#include <sched.h>
#include <seccomp.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "runner/hardening.hpp"

namespace sluice::runner {

namespace {

// Names that this kernel or library does not know are left out.
constexpr std::array denied = {
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    // what is mounted where
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "open_by_handle_at",
    "name_to_handle_at", "quotactl", "quotactl_fd",
    // the kernel and the machine
    "bpf", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module",
    "perf_event_open", "userfaultfd", "reboot", "swapon", "swapoff", "acct", "syslog", "iopl",
    "ioperm", "settimeofday", "clock_settime", "clock_adjtime", "adjtimex", "sethostname",
    "setdomainname", "vhangup", "lookup_dcookie", "personality",
    // its requests pass a filter of system calls unseen
    "io_uring_setup", "io_uring_enter", "io_uring_register",
    // keys of the kernel
    "add_key", "request_key", "keyctl",
    // who it is
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid",
    "setgroups", "capset"};

struct release {
    void operator()(void* filter) const { ::seccomp_release(filter); }
};
using filter = std::unique_ptr<void, release>;

int deny(const filter& rules, const char* name, int code = EPERM) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return 0;
    const int failed =
        ::seccomp_rule_add(rules.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(code)), number, 0);
    return failed == -EDOM ? 0 : failed;  // not of this architecture
}

// No other programs, and no other processes either, which limits cannot count per process.
int deny_programs(const filter& rules) {
    int failed = 0;
    for (const char* name : {"execve", "execveat", "fork", "vfork"})
        failed = failed != 0 ? failed : deny(rules, name);
    if (failed != 0) return failed;
    const scmp_arg_cmp no_thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    failed = ::seccomp_rule_add(rules.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, no_thread);
    // Its flags are in memory, where a filter cannot look; the C library then uses clone.
    return failed != 0 ? failed : deny(rules, "clone3", ENOSYS);
}

int deny_network(const filter& rules) {
    constexpr scmp_datum_t local = 1;  // AF_UNIX: of the resolver's and the log's helpers
    const scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, local);
    return ::seccomp_rule_add(rules.get(), SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1, other);
}

}  // namespace

std::string restrict_system_calls(const hardening_options& options) {
    const filter rules(::seccomp_init(SCMP_ACT_ALLOW));
    if (!rules) return "no filter";
    int failed = 0;
    for (const char* name : denied)
        failed = failed != 0 ? failed : deny(rules, name);
    if (failed == 0 && !options.exec) failed = deny_programs(rules);
    if (failed == 0 && !options.network) failed = deny_network(rules);
    if (failed == 0) failed = ::seccomp_load(rules.get());
    return failed == 0 ? "" : std::generic_category().message(-failed);
}

}  // namespace sluice::runner
