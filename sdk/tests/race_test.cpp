// A host that completes every operation on another thread before its own function returns: whatever
// the wrapper touched afterwards would be gone, which the address sanitizer shows.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "sluice/failure.hpp"
#include "sluice/json.hpp"
#include "sluice/testing/mock_host.hpp"

namespace {

using sluice::json;

struct eager_host {
    int completions = 0;
    std::string output;
};
eager_host* current = nullptr;

template <class Function>
void on_another_thread(Function function) {
    std::thread(function).join();
}

const sluice_timer_1 timer{
    [](sluice_call*, std::uint64_t, sluice_done done, void* user) -> std::uint64_t {
        on_another_thread([=] { done(user, nullptr); });
        return 1;
    },
    [](sluice_call*, std::uint64_t) {}};

const sluice_http_1 http{[](sluice_call*, const sluice_http_request*, sluice_http_done done,
                            void* user) -> std::uint64_t {
                             on_another_thread([=] {
                                 const std::string body = R"({"items":[1],"more":false})";
                                 sluice_http_response response{};
                                 response.size = sizeof(response);
                                 response.status = 200;
                                 response.body = {body.data(), body.size()};
                                 done(user, nullptr, &response);
                             });
                             return 1;
                         },
                         [](sluice_call*, std::uint64_t) {}};

const sluice_work_1 work{[](sluice_call*, sluice_fn blocking, sluice_done done, void* user) {
    on_another_thread([=] {
        blocking(user);
        done(user, nullptr);
    });
}};

const void* SLUICE_CALL find(const sluice_host*, const char* id) {
    const std::string name = id;
    if (name == "sluice.http/1") return &http;
    if (name == "sluice.timer/1") return &timer;
    if (name == "sluice.work/1") return &work;
    return nullptr;
}

sluice_host make_table() {
    sluice_host table{};
    table.size = sizeof(table);
    table.abi_minor = SLUICE_ABI_MINOR;
    table.service = find;
    table.complete = [](sluice_call*, sluice_str output) {
        ++current->completions;
        current->output = sluice::detail::to_view(output);
    };
    table.fail = [](sluice_call*, const sluice_error* error) {
        ++current->completions;
        current->output = sluice::detail::to_view(error->message);
    };
    table.post = [](sluice_call*, sluice_fn, void*) {};
    table.log = [](const sluice_host*, sluice_call*, std::uint32_t, sluice_str, sluice_str) {};
    return table;
}

enum class cancel_first : bool { no, yes };

std::string run(std::string_view action, const json& input, cancel_first early = cancel_first::no) {
    eager_host host;
    current = &host;
    const sluice_host table = make_table();
    const sluice_connector& connector = *sluice_connector_v1();
    void* self = nullptr;
    sluice_error why{};
    EXPECT_EQ(connector.open(&table, &self, &why), SLUICE_OK);

    const std::string text = input.dump();
    void* slot = nullptr;
    sluice_request request{};
    request.size = sizeof(request);
    request.attempt = 1;
    request.input_json = {text.data(), text.size()};
    request.slot = &slot;
    for (std::uint32_t i = 0; i < connector.action_count; ++i) {
        if (connector.actions[i].id != action) continue;
        if (early == cancel_first::yes) {
            connector.cancel(self, reinterpret_cast<sluice_call*>(&host), nullptr);
        }
        connector.actions[i].start(self, reinterpret_cast<sluice_call*>(&host), &request);
    }
    connector.close(self);
    EXPECT_EQ(host.completions, 1);
    return host.output;
}

TEST(race, an_operation_may_end_before_its_start_returns) {
    EXPECT_EQ(run("stubborn", json::object()), R"({"stopped":false,"cancelled":false})");
    EXPECT_EQ(run("heavy", {{"text", "ab"}}), R"({"text":"abab","ran":true})");
    EXPECT_EQ(run("fetchBlocking", {{"url", "https://a.test"}}), R"({"first":200,"second":200})");
}

TEST(race, a_cancel_may_come_before_a_blocking_action_has_looked_at_its_call) {
    EXPECT_EQ(run("isCancelledBlocking", json::object()), "false");
    EXPECT_EQ(run("isCancelledBlocking", json::object(), cancel_first::yes), "true");
}

TEST(race, a_task_may_end_before_its_parent_sleeps) {
    EXPECT_EQ(run("pages", json::object()), "[1]");
}

TEST(race, a_service_that_is_missing_is_a_failure) {
    EXPECT_EQ(run("count", json::object()), "this host has no service sluice.state/1");
}

}  // namespace
