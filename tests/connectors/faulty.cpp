// One connector with one fault at run time, chosen by FAULT_...: each is what one test of
// `sluice connector check` has to find. On the bare ABI, because the SDK prevents most of them.
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "sluice/abi.h"

#if defined(FAULT_NEEDS_TIMER)
#define ACTION_FLAGS "\"idempotent\""
#elif defined(FAULT_SLOT_OF_BLOCKING)
#define ACTION_FLAGS "\"blocking\""
#else
#define ACTION_FLAGS ""
#endif

SLUICE_DESCRIPTOR(R"({
  "sluice": 1, "id": "faulty", "version": "0.1.0", "title": "Faulty",
  "abi": { "major": 1, "minor": 0 },
  "connections": { "token": { "title": "Token", "kind": "bearer", "fields": {
    "type": "object", "properties": { "token": { "type": "string", "secret": true } } } } },
  "actions": { "act": {
    "title": "Does something wrong", "connection": "required", "flags": [)" ACTION_FLAGS R"(],
    "input": { "type": "object", "required": ["name"],
      "properties": { "name": { "type": "string" }, "count": { "type": "integer" } } },
    "examples": [ { "input": { "name": ")"
#if defined(FAULT_EXAMPLE)
                  R"(", "count": "many)"
#else
                  R"(Ada)"
#endif
                  R"(" } } ]
  } }
})");

namespace {

const sluice_host* host = nullptr;
const sluice_http_1* http = nullptr;
const sluice_timer_1* timer = nullptr;
const sluice_blob_1* blobs = nullptr;
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
#if defined(FAULT_CRASH_ON_ODD_ANSWER)
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

void ask(sluice_call* call) {
    if (http == nullptr) return fail(call, SLUICE_UNSUPPORTED, "this host has no http");
    sluice_http_request request = {};
    request.size = sizeof request;
    request.method = view("GET");
    request.url = view("https://check.invalid/");
    http->send(call, &request, answered, call);
}

[[maybe_unused]] void SLUICE_CALL finished(void* user, const sluice_error*) {
    host->complete(static_cast<sluice_call*>(user), view(good));
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
        usleep(20'000);
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
    // Not guarded, and slow enough to be met in the middle.
    static std::vector<int>* shared = nullptr;
    auto* mine = new std::vector<int>(1, number);
    shared = mine;
    for (int i = 0; i < 2'000; ++i)
        sched_yield();
    if (shared != mine) crash();
    delete mine;
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
    ask(call);
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
    static int opened = 0;
    ++opened;
#if defined(FAULT_OPENS_ONCE)
    if (opened > 1) crash();
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
