// A connector whose inline variable would be one for all connectors of a process.
#include "sluice/abi.h"

SLUICE_DESCRIPTOR(R"({
  "sluice": 1, "id": "unique", "version": "0.1.0", "title": "Unique",
  "abi": { "major": 1, "minor": 0 }, "actions": { "act": { "title": "Gives a number" } }
})");

template <class Type>
struct __attribute__((visibility("default"))) shared {
    static inline Type value = 7;
};

namespace {

const sluice_host* host = nullptr;

void SLUICE_CALL act(void*, sluice_call* call, const sluice_request*) {
    host->complete(call, shared<int>::value == 7 ? sluice_str{"7", 1} : sluice_str{"8", 1});
}
constexpr sluice_action actions[] = {{"act", 0, 0, act}};
sluice_code SLUICE_CALL open(const sluice_host* given, void** self, sluice_error*) {
    host = given;
    *self = nullptr;
    return SLUICE_OK;
}
void SLUICE_CALL close(void*) {}
constexpr sluice_connector table = {sizeof(sluice_connector),
                                    SLUICE_ABI_MINOR,
                                    1,
                                    sizeof(sluice_action),
                                    actions,
                                    "unique",
                                    open,
                                    close,
                                    nullptr};

}  // namespace

SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1() { return &table; }
