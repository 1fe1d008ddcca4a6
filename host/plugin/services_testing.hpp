// Test code that uses services as a connector does.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

// Runs test code as a connector: keeps host and call at hand for the done functions.
struct services : testing::Test {
    template <class Table>
    const Table* service(const char* id) const {
        return static_cast<const Table*>(host->service(host, id));
    }
    void begin(std::function<void()> body, probe_code::cancel_function on_cancel = {}) {
        code.emplace(
            [this, body = std::move(body)](const sluice_host* given, sluice_call* mine,
                                           const sluice_request*) {
                host = given;
                call = mine;
                body();
            },
            std::move(on_cancel));
    }
    void finish(std::string_view output = "null") const { host->complete(call, view(output)); }

    const sluice_host* host = nullptr;
    sluice_call* call = nullptr;
    std::uint32_t error_code = 0;
    std::optional<probe_code> code;
};

// A done function that ends the call with the error's code as its result.
template <class Test>
void end_with_code(void* user, const sluice_error* error) {
    auto* test = static_cast<Test*>(user);
    test->error_code = error ? error->code : 0;
    test->finish(std::to_string(test->error_code));
}

inline call_request as(std::string instance, store::event_id execution = 1) {
    call_request request;
    request.scope.instance = std::move(instance);
    request.scope.flow = "orders";
    request.scope.execution = execution;
    return request;
}

}  // namespace sluice::plugin
