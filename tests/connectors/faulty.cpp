// One connector with one fault at run time, chosen by FAULT_...: each is what one test of
// `sluice connector check` has to find. On the bare ABI, because the SDK prevents most of them.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sluice/abi.h"

#if defined(FAULT_NEEDS_TIMER)
#define ACTION_FLAGS "\"idempotent\""
#elif defined(FAULT_SLOT_OF_BLOCKING)
#define ACTION_FLAGS "\"blocking\""
#elif defined(FAULT_UNKNOWN_FLAG)
#define ACTION_FLAGS "\"tomorrow\""
#else
#define ACTION_FLAGS ""
#endif

#if defined(FAULT_NO_WORDS)
#define WORDS ""
#define ACTION_WORDS ""
#define NAME_WORDS ""
#define TEST_WORDS ""
#else
#define WORDS \
    "\"description\": \"For tests.\", \"vendor\": \"Sluice\", \"licence\": \"MIT\",      \
     \"docs\": \"None.\", \"icon\": \"<svg xmlns='http://www.w3.org/2000/svg'></svg>\","
#define ACTION_WORDS                                                                               \
    "\"description\": \"It fails.\", \"output\": {\"type\": \"object\", \"properties\": {\"ok\": " \
    "{\"type\": \"boolean\"}}},"
#define NAME_WORDS ", \"title\": \"Of somebody\""
#define TEST_WORDS "\"test\": \"act\","
#endif

#if defined(FAULT_INPUT_SCHEMA)
#define INPUT_TYPE "7"
#else
#define INPUT_TYPE "\"object\""
#endif
#if defined(FAULT_FIELDS_SCHEMA)
#define FIELDS_TYPE "7"
#else
#define FIELDS_TYPE "\"object\""
#endif

#if defined(FAULT_EXAMPLE)
#define EXAMPLES "{ \"input\": { \"name\": \"Ada\", \"count\": \"many\" } }"
#elif defined(FAULT_EXAMPLE_OUTPUT)
#define EXAMPLES "{ \"input\": { \"name\": \"Ada\" }, \"output\": { \"ok\": 3 } }"
#elif defined(FAULT_EXAMPLE_WITHOUT_INPUT)
#define EXAMPLES "7"
#elif defined(FAULT_NO_EXAMPLE)
#define EXAMPLES ""
#elif defined(FAULT_BAD_RESULT)
#define EXAMPLES \
    "{ \"input\": { \"name\": \"Ada\" }, \"http\": [ { \"body\": { \"ok\": \"yes\" } } ] }"
#else
#define EXAMPLES \
    "{ \"input\": { \"name\": \"Ada\" }, \"http\": [ { \"body\": { \"ok\": true } } ] }"
#endif

#if defined(FAULT_UNNAMED_SERVICE)
#define SERVICES ""
#elif defined(FAULT_SILENT_OPEN)
#define SERVICES "\"required\": [\"sluice.session/1\"]"
#else
#define SERVICES "\"optional\": [\"sluice.http/1\"]"
#endif

#if defined(FAULT_UNKNOWN_ERROR)
#define ERRORS "{ \"code\": \"tomorrow\", \"when\": \"it is time\" }"
#else
#define ERRORS ""
#endif

SLUICE_DESCRIPTOR(R"({
  "sluice": 1, "id": "faulty", "version": "0.1.0", "title": "Faulty",
  "abi": { "major": 1, "minor": 0 }, "services": { )" SERVICES " }, " WORDS R"(
  "connections": { "token": { "title": "Token", "kind": "bearer", )" TEST_WORDS R"( "fields": {
    "type": )" FIELDS_TYPE
                  R"(, "properties": { "token": { "type": "string", "secret": true } } } } },
  "actions": { "act": {
    "title": "Does something wrong", "connection": "required", "flags": [)" ACTION_FLAGS R"(],
    "errors": [)" ERRORS "]," ACTION_WORDS R"(
    "input": { "type": )" INPUT_TYPE R"(, "required": ["name"],
      "properties": { "name": { "type": "string")" NAME_WORDS R"( },
        "count": { "type": "integer", "title": "How many" } } },
    "examples": [ )" EXAMPLES R"( ]
  } }
})");

namespace {

const sluice_host* host = nullptr;
const sluice_http_1* http = nullptr;
const sluice_timer_1* timer = nullptr;
const sluice_blob_1* blobs = nullptr;
const sluice_work_1* work = nullptr;
std::atomic<int> calls = 0;

sluice_str view(std::string_view text) { return {text.data(), text.size()}; }
std::string_view text_of(sluice_str text) { return {text.data, text.size}; }
constexpr std::string_view good = "{\"ok\":true}";

void fail(sluice_call* call, sluice_code code, std::string_view message) {
    sluice_error error = {};
    error.size = sizeof error;
    error.code = code;
    error.message = view(message);
    host->fail(call, &error);
}

[[maybe_unused]] void crash() { std::abort(); }

// What a connector in order does: asks a third party and ends with its answer.
void SLUICE_CALL answered(void* user, const sluice_error* error,
                          const sluice_http_response* response) {
    auto* call = static_cast<sluice_call*>(user);
    if (error != nullptr) {
#if defined(FAULT_NEVER_AFTER_CANCEL)
        if (error->code == SLUICE_CANCELLED) return;
#elif defined(FAULT_CRASH_WITHOUT_ANSWER)
        crash();
#endif
        return fail(call, error->code, "nobody answered");
    }
#if defined(FAULT_EXACT_SIZE)
    if (response->size != sizeof *response) {
        return fail(call, SLUICE_INTERNAL, "an answer of another size");
    }
#elif defined(FAULT_BAD_RESULT)
    return host->complete(call, response->body);
#elif defined(FAULT_CRASH_ON_ODD_ANSWER)
    if (response->status == 204 && response->body.size > 5) crash();
#elif defined(FAULT_ERROR_OF_500)
    if (response->status >= 500) return fail(call, SLUICE_INVALID_INPUT, "it did not work");
#elif defined(FAULT_WITHOUT_RETRY_HINT)
    if (response->status == 429) return fail(call, SLUICE_RATE_LIMITED, "too much");
#endif
    if (response->status >= 500) return fail(call, SLUICE_UNAVAILABLE, "the other side failed");
    if (response->status == 401) return fail(call, SLUICE_AUTH, "not logged in");
    if (response->status == 429) {
        sluice_error wait = {};
        wait.size = sizeof wait;
        wait.code = SLUICE_RATE_LIMITED;
        wait.retry_after_ms = 7'000;
        wait.message = view("too much");
        return host->fail(call, &wait);
    }
    host->complete(call, view(good));
}

void ask(sluice_call* call, [[maybe_unused]] std::string_view input = {}) {
    if (http == nullptr) return fail(call, SLUICE_UNSUPPORTED, "this host has no http");
    sluice_http_request request = {};
    request.size = sizeof request;
    request.method = view("GET");
    request.url = view("https://check.invalid/");
#if defined(FAULT_ADDS_HEADERS)
    const std::size_t begin = input.find("\"name\":\"");
    std::string header =
        begin == input.npos ? "" : "X-Name: " + std::string(input.substr(begin + 8));
    for (std::size_t at = header.find("\\r\\n"); at != header.npos; at = header.find("\\r\\n"))
        header.replace(at, 4, "\r\n");
    request.headers = view(header);
#endif
    http->send(call, &request, answered, call);
}

[[maybe_unused]] void SLUICE_CALL finished(void* user, const sluice_error*) {
    host->complete(static_cast<sluice_call*>(user), view(good));
}

// Two pieces of one text, written at the same time.
[[maybe_unused]] void write_twice(sluice_call* call) {
    static sluice_blob* blob = nullptr;
    blob = blobs->create(call, view("text/plain"));
    if (blob == nullptr) return fail(call, SLUICE_UNAVAILABLE, "no blob");
    blobs->write(
        call, blob, "a", 1, [](void*, const sluice_error*, std::uint64_t) {}, nullptr);
    blobs->write(
        call, blob, "b", 1,
        [](void* user, const sluice_error*, std::uint64_t) {
            blobs->release(blob);
            host->complete(static_cast<sluice_call*>(user), view(good));
        },
        call);
}

// Where work finds what its call has left of it.
struct job {
    std::atomic<bool> there = false;
};
[[maybe_unused]] void leave_work_behind(sluice_call* call) {
    static job jobs[64];
    job* mine = &jobs[static_cast<unsigned>(calls) % std::size(jobs)];
    mine->there = true;
    work->run(
        call,
        [](void* user) {
            if (!static_cast<job*>(user)->there) crash();
        },
        [](void*, const sluice_error*) {}, mine);
    host->complete(call, view(good));
    mine->there = false;
}

bool is_object(std::string_view input) { return input.starts_with('{') && input.ends_with('}'); }

void SLUICE_CALL act(void*, sluice_call* call, const sluice_request* request) {
    const std::string_view input = text_of(request->input_json);
    [[maybe_unused]] const int number = ++calls;
#if defined(FAULT_CRASH_ON_EMPTY)
    if (input == "{}") crash();
#elif defined(FAULT_CRASH_ON_LARGE)
    if (input.size() > 500'000) crash();
#elif defined(FAULT_CRASH_ON_BROKEN_JSON)
    if (!input.empty() && !is_object(input) && input.front() == '{') crash();
#elif defined(FAULT_CRASH_ON_EXAMPLE)
    if (input.find("Ada") != input.npos) crash();
#elif defined(FAULT_HANGS)
    for (;;)
        pause();
#elif defined(FAULT_WAITS_ON_STRAND)
    usleep(900'000);
#elif defined(FAULT_TWICE)
    host->complete(call, view(good));
    return host->complete(call, view(good));
#elif defined(FAULT_TWICE_LATER)
    std::thread([call] {
        for (int i = 0; i < 1'000; ++i)
            sched_yield();
        host->complete(call, view(good));
    }).detach();
    return host->complete(call, view(good));
#elif defined(FAULT_NEVER)
    return;
#elif defined(FAULT_AFTER_THE_END)
    host->complete(call, view(good));
    ask(call);
    return;
#elif defined(FAULT_BAD_OUTPUT)
    return host->complete(call, view("{nope"));
#elif defined(FAULT_BAD_CODE)
    return fail(call, 99, "an error of tomorrow");
#elif defined(FAULT_SHOWS_SECRET)
    return fail(call, SLUICE_AUTH, text_of(request->connection_json));
#elif defined(FAULT_SLOT_OF_BLOCKING)
    *request->slot = call;
    return host->complete(call, view(good));
#elif defined(FAULT_KEEPS_BLOB)
    blobs->create(call, view("text/plain"));
#elif defined(FAULT_LEAKS)
    static std::vector<char*> kept;
    kept.push_back(new char[500]);
#elif defined(FAULT_LEAKS_FILES)
    if (dup(2) < 0) return fail(call, SLUICE_UNAVAILABLE, "too many files");
#elif defined(FAULT_NEEDS_TIMER)
    // Without it, it crashes: nobody has looked whether it is there.
    timer->after(call, 5, finished, call);
    return;
#elif defined(FAULT_RACES)
    // Bears nobody beside it. One call in a hundred waits for somebody to come.
    static std::atomic<int> inside = 0;
    ++inside;
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    while (number % 100 == 50 && inside == 1 && std::chrono::steady_clock::now() < until)
        sched_yield();
    if (inside-- != 1) crash();
#elif defined(FAULT_EXITS)
    std::exit(0);
#elif defined(FAULT_MANY_WARNINGS)
    if (number > 60) host->complete(call, view(good));
    if (number > 60) return host->complete(call, view(good));
    return fail(call, SLUICE_INTERNAL, "bug " + std::to_string(number));
#elif defined(FAULT_INTERNAL)
    return fail(call, SLUICE_INTERNAL, "a bug");
#elif defined(FAULT_REFUSES_EXAMPLE)
    return fail(call, SLUICE_INVALID_INPUT, "not that");
#elif defined(FAULT_NO_MESSAGE)
    return fail(call, SLUICE_NOT_FOUND, "");
#elif defined(FAULT_TAKES_NO_JSON)
    if (!is_object(input)) return fail(call, SLUICE_AUTH, "not logged in");
#elif defined(FAULT_USES_OLD_HANDLE)
    static sluice_call* old = nullptr;
    if (old != nullptr) host->complete(old, view(good));
    old = call;
#elif defined(FAULT_SECRET_IN_LOG)
    host->log(host, call, SLUICE_LOG_INFO, request->connection_json, {});
#elif defined(FAULT_SECRET_IN_HOST_LOG)
    host->log(host, nullptr, SLUICE_LOG_INFO, view("using it"), request->connection_json);
#elif defined(FAULT_BAD_LOG_FIELDS)
    host->log(host, call, SLUICE_LOG_INFO, view("something"), view("{nope"));
#elif defined(FAULT_BAD_FAILURE)
    return fail(call, SLUICE_NOT_FOUND, "Schl\xfcssel fehlt");
#elif defined(FAULT_FAILS_WITH_OK)
    return fail(call, SLUICE_OK, "all is well");
#elif defined(FAULT_LARGE_OUTPUT)
    return host->complete(call, view('"' + std::string(std::size_t{17} << 20, 'x') + '"'));
#elif defined(FAULT_WRITES_TWICE)
    if (blobs != nullptr) return write_twice(call);
#elif defined(FAULT_RELEASES_TWICE)
    sluice_blob* blob = blobs->create(call, view("text/plain"));
    blobs->release(blob);
    blobs->release(blob);
#elif defined(FAULT_THROWS)
    throw std::runtime_error("boom");
#elif defined(FAULT_FREES_WORK_AT_END)
    return leave_work_behind(call);
#elif defined(FAULT_WAITS_IN_WORK)
    // Allowed: that is what the pool is for.
    work->run(
        call, [](void*) { usleep(900'000); }, finished, call);
    return;
#elif defined(FAULT_SLOW)
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    while (std::chrono::steady_clock::now() < until) {
    }
#elif defined(FAULT_THREAD_STAYS)
    static std::atomic<bool> begun = false;
    if (!begun.exchange(true)) {
        std::thread([] {
            for (;;)
                pause();
        }).detach();
    }
#endif
    if (!is_object(input)) return fail(call, SLUICE_INVALID_INPUT, "that is no object");
    ask(call, input);
}

#if defined(FAULT_SLOT_OF_BLOCKING)
constexpr std::uint32_t flags = SLUICE_ACTION_BLOCKING;
#else
constexpr std::uint32_t flags = 0;
#endif
constexpr sluice_action actions[] = {{"act", flags, 0, act}};

sluice_code SLUICE_CALL open(const sluice_host* given, void** self, sluice_error* why) {
    host = given;
    *self = nullptr;
    http = static_cast<const sluice_http_1*>(given->service(given, "sluice.http/1"));
    timer = static_cast<const sluice_timer_1*>(given->service(given, "sluice.timer/1"));
    blobs = static_cast<const sluice_blob_1*>(given->service(given, "sluice.blob/1"));
    work = static_cast<const sluice_work_1*>(given->service(given, "sluice.work/1"));
    // Services that need no call work from the first moment on.
    const auto* clock = static_cast<const sluice_clock_1*>(given->service(given, "sluice.clock/1"));
    const std::string time = clock == nullptr ? "" : std::to_string(clock->unix_ms(given));
    given->log(given, nullptr, SLUICE_LOG_INFO, view("opened at " + time), {});
    static int opened = 0;
    ++opened;
#if defined(FAULT_OPENS_ONCE)
    if (opened > 1) crash();
#elif defined(FAULT_REFUSES_SECOND_OPEN)
    if (opened > 1) {
        why->message = view("it is open already");
        return SLUICE_CONFLICT;
    }
#elif defined(FAULT_SILENT_OPEN)
    if (given->service(given, "sluice.session/1") == nullptr) return SLUICE_UNSUPPORTED;
#elif defined(FAULT_READS_BEHIND)
    std::uint64_t later;
    std::memcpy(&later, reinterpret_cast<const char*>(given) + sizeof *given, sizeof later);
    if (later == 0x5110ce) return SLUICE_INTERNAL;
#elif defined(FAULT_NEEDS_SESSION)
    if (given->service(given, "sluice.session/1") == nullptr) {
        why->message = view("it needs sessions");
        return SLUICE_UNSUPPORTED;
    }
#endif
    static_cast<void>(why);
    return SLUICE_OK;
}
void SLUICE_CALL close(void*) {}

constexpr sluice_connector table = {sizeof(sluice_connector),
                                    SLUICE_ABI_MINOR,
                                    1,
                                    sizeof(sluice_action),
                                    actions,
                                    "faulty",
                                    open,
                                    close,
                                    nullptr};

}  // namespace

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1() { return &table; }
