// Actions that break the contract, on the bare ABI in C++ (the SDK would prevent them).
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string_view>

#include "sluice/abi.h"

SLUICE_DESCRIPTOR(R"({
  "sluice": 1, "id": "misbehave", "version": "0.1.0", "title": "Misbehave",
  "abi": { "major": 1, "minor": 0 },
  "actions": {
    "twice": { "title": "Completes twice" },
    "late": { "title": "Completes when `release` runs, whatever the host asked for" },
    "release": { "title": "Completes every call of `late`" },
    "never": { "title": "Never completes" },
    "throws": { "title": "Throws out of start" },
    "throwsBlocking": { "title": "Throws on the pool", "flags": ["blocking"] },
    "badJson": { "title": "Completes with a text that is not JSON" },
    "foreign": { "title": "Completes handles that it made up" }
  }
})");

namespace {

const sluice_host* host = nullptr;
std::mutex mutex;
std::deque<sluice_call*> kept;

sluice_str view(std::string_view text) { return {text.data(), text.size()}; }

void SLUICE_CALL twice(void*, sluice_call* call, const sluice_request*) {
    host->complete(call, view("1"));
    host->complete(call, view("2"));
}

void SLUICE_CALL late(void*, sluice_call* call, const sluice_request*) {
    const std::lock_guard lock(mutex);
    kept.push_back(call);
}

void SLUICE_CALL release(void*, sluice_call* call, const sluice_request*) {
    const std::lock_guard lock(mutex);
    for (sluice_call* each : kept)
        host->complete(each, view("\"late\""));
    kept.clear();
    host->complete(call, view("null"));
}

void SLUICE_CALL never(void*, sluice_call*, const sluice_request*) {}

void SLUICE_CALL throws(void*, sluice_call*, const sluice_request*) {
    throw std::runtime_error("nobody catches this");
}

void SLUICE_CALL bad_json(void*, sluice_call* call, const sluice_request*) {
    host->complete(call, view("{nope"));
}

void SLUICE_CALL foreign(void*, sluice_call* call, const sluice_request*) {
    int mine = 0;
    host->complete(nullptr, view("1"));
    host->complete(reinterpret_cast<sluice_call*>(&mine), view("1"));
    host->complete(reinterpret_cast<sluice_call*>(~std::uintptr_t{0}), view("1"));
    host->complete(call, view("\"mine\""));
}

constexpr sluice_action actions[] = {
    {"twice", 0, 0, twice},      {"late", 0, 0, late},
    {"release", 0, 0, release},  {"never", 0, 0, never},
    {"throws", 0, 0, throws},    {"throwsBlocking", SLUICE_ACTION_BLOCKING, 0, throws},
    {"badJson", 0, 0, bad_json}, {"foreign", 0, 0, foreign},
};

sluice_code SLUICE_CALL open(const sluice_host* given, void** self, sluice_error*) {
    host = given;
    *self = nullptr;
    return SLUICE_OK;
}
void SLUICE_CALL close(void*) {}

constexpr sluice_connector table = {sizeof(sluice_connector),
                                    SLUICE_ABI_MINOR,
                                    sizeof actions / sizeof *actions,
                                    sizeof(sluice_action),
                                    actions,
                                    "misbehave",
                                    open,
                                    close,
                                    nullptr};

}  // namespace

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1() { return &table; }
