// System calls that no connector needs: they fail with EPERM, so that it can say so.
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <unistd.h>

#include <algorithm>
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
    // the owner's rights over files that it may only read; Landlock has no rules for these
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "setxattr",
    "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr",
    "removexattrat", "utime", "utimes", "futimesat", "utimensat", "file_setattr",
    // how others of the same user are run
    "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler", "setpriority",
    "ioprio_set",
    // out of the group that the host ends
    "setpgid", "setsid",
    // memory that the limit of the address space does not count, or that outlives the process
    "memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open",
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

int deny_when(const filter& rules, const char* name, const scmp_arg_cmp& condition,
              int code = EPERM) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) return 0;
    const int failed = ::seccomp_rule_add(rules.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(code)),
                                          number, 1, condition);
    return failed == -EDOM ? 0 : failed;
}

// Limits of other processes of the same user: the host's, too.
int deny_limits_of_others(const filter& rules) {
    return deny_when(rules, "prlimit64", SCMP_A0(SCMP_CMP_NE, 0));
}

// With network those of the internet, and netlink, by which the C library asks for this machine's
// addresses; without it none. Never AF_UNIX, by which local services take orders; a socketpair
// stays possible, but not of datagrams.
int deny_sockets(const filter& rules, bool network) {
    int failed = 0;
    // One end of a pair of datagrams can be connected to any socket of this machine.
    for (const unsigned type : {2u, 3u}) {  // SOCK_DGRAM, SOCK_RAW
        if (failed != 0) return failed;
        failed = deny_when(rules, "socketpair", SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, type), EACCES);
    }
    if (!network) return failed != 0 ? failed : deny(rules, "socket", EACCES);
    constexpr std::array<unsigned, 3> allowed = {2, 10, 16};  // AF_INET, AF_INET6, AF_NETLINK
    if (failed == 0)
        failed = deny_when(rules, "socket", SCMP_A0(SCMP_CMP_GT, allowed.back()), EACCES);
    for (unsigned family = 0; failed == 0 && family < allowed.back(); ++family) {
        if (std::find(allowed.begin(), allowed.end(), family) != allowed.end()) continue;
        failed = deny_when(rules, "socket", SCMP_A0(SCMP_CMP_EQ, family), EACCES);
    }
    return failed;
}

// Landlock before version 3 lets a file be cut off that may only be read.
int deny_truncation(const filter& rules) {
    constexpr scmp_datum_t mask = O_ACCMODE | O_TRUNC;
    int failed = deny(rules, "truncate");
    // Neither for reading alone nor in the mode of ioctl, for which Landlock asks no right.
    for (const scmp_datum_t how : {scmp_datum_t{O_TRUNC}, scmp_datum_t{O_ACCMODE | O_TRUNC}}) {
        if (failed == 0)
            failed = deny_when(rules, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, mask, how), EACCES);
        if (failed == 0)
            failed = deny_when(rules, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, mask, how), EACCES);
    }
    // Its flags are in memory; the C library then uses openat.
    return failed != 0 ? failed : deny(rules, "openat2", ENOSYS);
}

// Landlock before version 6 lets it signal every process of the same user.
int deny_signals(const filter& rules) {
    const auto self = static_cast<scmp_datum_t>(::getpid());
    int failed = 0;
    for (const char* name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"})
        failed = failed != 0 ? failed : deny_when(rules, name, SCMP_A0(SCMP_CMP_NE, self));
    for (const char* name : {"tkill", "pidfd_send_signal"})  // name no process
        failed = failed != 0 ? failed : deny(rules, name);
    // Nor may a descriptor signal another process; the kernel looks at the lower half alone.
    constexpr scmp_datum_t low = 0xffffffff;
    for (const unsigned how : {F_SETOWN, F_SETOWN_EX, F_SETSIG})
        failed =
            failed != 0 ? failed : deny_when(rules, "fcntl", SCMP_A1(SCMP_CMP_MASKED_EQ, low, how));
    for (const unsigned how : {FIOSETOWN, SIOCSPGRP})
        failed =
            failed != 0 ? failed : deny_when(rules, "ioctl", SCMP_A1(SCMP_CMP_MASKED_EQ, low, how));
    return failed;
}

}  // namespace

std::string restrict_system_calls(const hardening_options& options, int landlock_version) {
    const filter rules(::seccomp_init(SCMP_ACT_ALLOW));
    if (!rules) return "no filter";
    int failed = 0;
    for (const char* name : denied)
        failed = failed != 0 ? failed : deny(rules, name);
    if (failed == 0) failed = deny_limits_of_others(rules);
    if (failed == 0) failed = deny_sockets(rules, options.network);
    if (failed == 0 && !options.exec) failed = deny_programs(rules);
    if (failed == 0 && landlock_version < 3) failed = deny_truncation(rules);
    // Who may start programs may also end them.
    if (failed == 0 && landlock_version < 6 && !options.exec) failed = deny_signals(rules);
    if (failed == 0) failed = ::seccomp_load(rules.get());
    return failed == 0 ? "" : std::generic_category().message(-failed);
}

}  // namespace sluice::runner
