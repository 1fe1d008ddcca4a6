/* A connector that dies in every way, and one that tries what its process should not let it do. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
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
    (void)call;
    (void)request;
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

static int attempt_what(sluice_str input) {
    if (contains(input, "shadow")) return opened(open("/etc/shadow", O_RDONLY));
    if (contains(input, "library")) return opened(open("/usr/lib/os-release", O_RDONLY));
    if (contains(input, "write"))
        return opened(open("/tmp/sluice-escaped", O_CREAT | O_WRONLY, 0600));
    if (contains(input, "temporary")) return try_temporary();
    if (contains(input, "ptrace"))
        return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 ? errno : 0;
    if (contains(input, "kill")) return kill(getppid(), SIGCONT) < 0 ? errno : 0;
    if (contains(input, "exec")) return try_exec();
    if (contains(input, "fork")) return try_fork();
    if (contains(input, "setuid")) return setuid(getuid()) < 0 ? errno : 0;
    if (contains(input, "socket")) return try_socket();
    if (contains(input, "memory")) return try_memory();
    if (contains(input, "files")) return try_files();
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

static void SLUICE_CALL close_connector(void* self) { (void)self; }

static const sluice_action actions[] = {
    {"echo", 0, 0, echo},       {"slow", 0, 0, slow},
    {"once", 0, 0, slow},       {"now", 0, 0, now},
    {"wait", 0, 0, wait_long},  {"exit", 0, 0, leave},
    {"hang", 0, 0, hang},       {"garbage", 0, 0, garbage},
    {"pid", 0, 0, tell_pid},    {"sleep", SLUICE_ACTION_BLOCKING, 0, hang},
    {"attempt", 0, 0, attempt},
};

static const sluice_connector table = {
    sizeof(sluice_connector), SLUICE_ABI_MINOR, sizeof actions / sizeof *actions,
    sizeof(sluice_action),    actions,          "crashing",
    open_connector,           close_connector,  NULL};

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void) { return &table; }
