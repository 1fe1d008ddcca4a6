/* A connector that dies in every way, and one that tries what its process should not let it do. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sluice/abi.h"

SLUICE_DESCRIPTOR(
    "{\"sluice\":1,\"id\":\"crashing\",\"version\":\"0.1.0\",\"title\":\"Crashing\","
    "\"abi\":{\"major\":1,\"minor\":0},"
    "\"services\":{\"required\":[\"sluice.timer/1\"]},"
    "\"actions\":{"
    "\"echo\":{\"title\":\"Gives back its input\",\"flags\":[\"idempotent\"]},"
    "\"slow\":{\"title\":\"The same after 50 ms; dies of `poison`\",\"flags\":[\"idempotent\"]},"
    "\"once\":{\"title\":\"The same, but not idempotent\"},"
    "\"now\":{\"title\":\"Gives back its input at once; dies of `poison`\"},"
    "\"wait\":{\"title\":\"Waits for an hour\"},"
    "\"exit\":{\"title\":\"Ends the process\"},"
    "\"hang\":{\"title\":\"Never returns\"},"
    "\"garbage\":{\"title\":\"Writes to the host's socket\"},"
    "\"pid\":{\"title\":\"Gives its process id\"},"
    "\"sleep\":{\"title\":\"Blocks until it is killed\",\"flags\":[\"blocking\"]},"
    "\"block\":{\"title\":\"Gives back its input on a thread\",\"flags\":[\"blocking\"]},"
    "\"helper\":{\"title\":\"Exits and leaves a process behind\"},"
    "\"attempt\":{\"title\":\"Tries `what`, and gives the error's number\"}}}");

static const sluice_host* the_host;
static const sluice_timer_1* timer;

static int contains(sluice_str text, const char* word) {
    return memmem(text.data, text.size, word, strlen(word)) != NULL;
}

static void complete_text(sluice_call* call, const char* text) {
    the_host->complete(call, (sluice_str){text, strlen(text)});
}

static void die(void) {
    fputs("about to die of it\n", stderr);
    *(volatile int*)8 = 1;
}

struct pending {
    sluice_call* call;
    const sluice_request* request;
};

static void SLUICE_CALL waited(void* user, const sluice_error* error) {
    struct pending one = *(struct pending*)user;
    free(user);
    if (error) return the_host->fail(one.call, error);
    if (contains(one.request->input_json, "poison")) die();
    the_host->complete(one.call, one.request->input_json);
}

static void wait_first(sluice_call* call, const sluice_request* request, uint64_t ms) {
    struct pending* one = malloc(sizeof *one);
    *one = (struct pending){call, request};
    timer->after(call, ms, waited, one);
}

static void SLUICE_CALL echo(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    the_host->complete(call, request->input_json);
}

static void SLUICE_CALL slow(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    wait_first(call, request, 50);
}

static void SLUICE_CALL now(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    if (contains(request->input_json, "poison")) die();
    the_host->complete(call, request->input_json);
}

static void SLUICE_CALL wait_long(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    wait_first(call, request, 3600 * 1000);
}

static void SLUICE_CALL leave(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    (void)call;
    (void)request;
    fputs("goodbye\n", stderr);
    exit(3);
}

static void SLUICE_CALL hang(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    (void)request;
    static const sluice_str begun = {"it hangs", 8};
    static const sluice_str no_fields = {"", 0};
    the_host->log(the_host, call, SLUICE_LOG_INFO, begun, no_fields);
    for (;;)
        pause();
}

static void SLUICE_CALL garbage(void* self, sluice_call* call, const sluice_request* request) {
    static const char bytes[64] = "this is not a frame, and what it says about its size is wrong";
    (void)self;
    (void)call;
    (void)request;
    if (write(3, bytes, sizeof bytes) < 0) perror("write");
}

static void SLUICE_CALL leave_helper(void* self, sluice_call* call, const sluice_request* request) {
    (void)self;
    (void)call;
    (void)request;
    if (fork() == 0) {
        for (;;)
            pause();
    }
    _exit(4);
}

static void SLUICE_CALL tell_pid(void* self, sluice_call* call, const sluice_request* request) {
    char text[32];
    (void)self;
    (void)request;
    snprintf(text, sizeof text, "%d", (int)getpid());
    complete_text(call, text);
}

/* 0: it worked. */
static int opened(int file) {
    if (file < 0) return errno;
    close(file);
    return 0;
}

static int try_fork(void) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    return child < 0 ? errno : 0;
}

static int try_socket(void) { return opened(socket(AF_INET, SOCK_STREAM, 0)); }

static int try_temporary(void) {
    char path[512];
    snprintf(path, sizeof path, "%s/mine", getenv("TMPDIR"));
    return opened(open(path, O_CREAT | O_WRONLY, 0600));
}

static int try_exec(void) {
    char* const argv[] = {"true", NULL};
    execv("/bin/true", argv);
    return errno;
}

static int try_memory(void) {
    void* much = mmap(NULL, (size_t)4 << 30, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return much == MAP_FAILED ? errno : 0;
}

static int try_files(void) {
    int count = 0;
    int last = 0;
    while (count < 5000 && (last = dup(2)) >= 0)
        ++count;
    return count < 5000 ? errno : 0;
}

static int try_unix(void) { return opened(socket(AF_UNIX, SOCK_STREAM, 0)); }
static int try_shared_memory(void) {
    const int id = shmget(IPC_PRIVATE, 4096, 0600);
    if (id < 0) return errno;
    shmctl(id, IPC_RMID, NULL);
    return 0;
}
static int try_limits_of_host(void) {
    struct rlimit now;
    return prlimit(getppid(), RLIMIT_NOFILE, NULL, &now) < 0 ? errno : 0;
}
static int cut_off(int mode) {
    char path[512];
    snprintf(path, sizeof path, "%s/cut", getenv("TMPDIR"));
    const int made = opened(open(path, O_CREAT | O_WRONLY, 0600));
    if (made != 0) return made;
    const int cut = opened(open(path, mode | O_TRUNC));
    if (cut != 0) return cut;
    return truncate(path, 0) < 0 ? errno : 0;
}
static int try_truncate(void) { return cut_off(O_RDONLY); }
static int try_blind_cut(void) { return cut_off(O_ACCMODE); }

struct try {
    const char* what;
    int (*call)(void);
};
static int of(long result) { return result < 0 ? errno : 0; }
static int try_shadow(void) { return opened(open("/etc/shadow", O_RDONLY)); }
static int try_keys(void) { return opened(open("/etc/ssl/private", O_RDONLY)); }
static int try_library(void) { return opened(open("/usr/lib/os-release", O_RDONLY)); }
static int try_write(void) { return opened(open("/tmp/sluice-escaped", O_CREAT | O_WRONLY, 0600)); }
static int try_ptrace(void) { return of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)); }
static int try_kill(void) { return of(kill(getppid(), SIGCONT)); }
static int try_own_signal(void) { return of(kill(getpid(), SIGCONT)); }
static int try_setuid(void) { return of(setuid(getuid())); }
static int try_setpgid(void) { return of(setpgid(0, getpgid(getppid()))); }
static int try_setsid(void) { return of(setsid()); }
static int try_chmod(void) { return of(chmod("/etc/passwd", 0644)); }
static int try_fchmod(void) { return of(fchmod(open("/etc/passwd", O_RDONLY), 0644)); }
static int try_chown(void) { return of(chown("/etc/passwd", getuid(), getgid())); }
static int try_setxattr(void) { return of(setxattr("/etc/passwd", "user.x", "x", 1, 0)); }
static int try_removexattr(void) { return of(removexattr("/etc/passwd", "user.x")); }
static int try_utimes(void) { return of(utimes("/etc/passwd", NULL)); }
static int try_priority(void) { return of(setpriority(PRIO_PROCESS, (id_t)getppid(), 1)); }
static int try_affinity(void) {
    cpu_set_t all;
    if (sched_getaffinity(0, sizeof all, &all) < 0) return -1;
    return of(sched_setaffinity(getppid(), sizeof all, &all));
}
static int try_memfd(void) { return opened(memfd_create("x", 0)); }
static int try_netlink(void) { return opened(socket(AF_NETLINK, SOCK_RAW, 0)); }
static int try_packet(void) { return opened(socket(AF_VSOCK, SOCK_STREAM, 0)); }
static int pair_of(int type) {
    int ends[2];
    if (socketpair(AF_UNIX, type, 0, ends) < 0) return errno;
    close(ends[0]);
    return opened(ends[1]);
}
static int try_pair(void) { return pair_of(SOCK_STREAM); }
static int try_datagrams(void) { return pair_of(SOCK_DGRAM | SOCK_CLOEXEC); }
static int try_owner(void) { return of(fcntl(STDERR_FILENO, F_SETOWN, getppid())); }
static int try_owner_by_ioctl(void) {
    int host = getppid();
    return of(ioctl(STDERR_FILENO, FIOSETOWN, &host));
}

static const struct try all_tries[] = {
    {"shadow", try_shadow},
    {"keys", try_keys},
    {"library", try_library},
    {"write", try_write},
    {"temporary", try_temporary},
    {"truncate", try_truncate},
    {"ptrace", try_ptrace},
    {"kill", try_kill},
    {"own signal", try_own_signal},
    {"exec", try_exec},
    {"fork", try_fork},
    {"setuid", try_setuid},
    {"setpgid", try_setpgid},
    {"setsid", try_setsid},
    {"\"chmod", try_chmod},
    {"fchmod", try_fchmod},
    {"chown", try_chown},
    {"setxattr", try_setxattr},
    {"removexattr", try_removexattr},
    {"utimes", try_utimes},
    {"priority", try_priority},
    {"affinity", try_affinity},
    {"limits", try_limits_of_host},
    {"socket", try_socket},
    {"unix", try_unix},
    {"netlink", try_netlink},
    {"vsock", try_packet},
    {"pair", try_pair},
    {"datagrams", try_datagrams},
    {"blind", try_blind_cut},
    {"owner", try_owner},
    {"set by ioctl", try_owner_by_ioctl},
    {"memfd", try_memfd},
    {"shared memory", try_shared_memory},
    {"address space", try_memory},
    {"files", try_files},
};

static int attempt_what(sluice_str input) {
    for (size_t place = 0; place < sizeof all_tries / sizeof *all_tries; ++place) {
        if (contains(input, all_tries[place].what)) return all_tries[place].call();
    }
    return -1;
}

static void SLUICE_CALL attempt(void* self, sluice_call* call, const sluice_request* request) {
    char text[32];
    (void)self;
    snprintf(text, sizeof text, "%d", attempt_what(request->input_json));
    complete_text(call, text);
}

static sluice_code SLUICE_CALL open_connector(const sluice_host* host, void** self,
                                              sluice_error* why) {
    (void)why;
    the_host = host;
    timer = host->service(host, "sluice.timer/1");
    *self = &the_host;
    return SLUICE_OK;
}

static void SLUICE_CALL close_connector(void* self) {
    (void)self;
#ifdef FAULT_CLOSE_CRASHES
    die();
#endif
#ifdef FAULT_CLOSE_HANGS
    for (;;)
        pause();
#endif
}

static const sluice_action actions[] = {
    {"echo", 0, 0, echo},           {"slow", 0, 0, slow},
    {"once", 0, 0, slow},           {"now", 0, 0, now},
    {"wait", 0, 0, wait_long},      {"exit", 0, 0, leave},
    {"hang", 0, 0, hang},           {"garbage", 0, 0, garbage},
    {"pid", 0, 0, tell_pid},        {"sleep", SLUICE_ACTION_BLOCKING, 0, hang},
    {"attempt", 0, 0, attempt},     {"block", SLUICE_ACTION_BLOCKING, 0, echo},
    {"helper", 0, 0, leave_helper},
};

static const sluice_connector table = {
    sizeof(sluice_connector), SLUICE_ABI_MINOR, sizeof actions / sizeof *actions,
    sizeof(sluice_action),    actions,          "crashing",
    open_connector,           close_connector,  NULL};

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void) { return &table; }
