// What the mock host notices about connectors that break the rules of the ABI. The connectors here
// are tables by hand, as C writes them.
#include "sluice/testing/mock_host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>

#include "sluice/failure.hpp"
#include "sluice/testing/descriptor.hpp"

namespace {

using sluice::json;
using sluice::testing::call_result;
using sluice::testing::mock_host;
using sluice::testing::mock_options;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

struct hand_made {
    const sluice_host* host = nullptr;
    sluice_call* late = nullptr;
    int opened = 0;
    int closed = 0;
    bool on_strand = false;
    int sessions_closed = 0;
    int closed_on_strand = 0;
    std::thread::id worked_on;
};
hand_made self_object;

constexpr sluice_str result_text{"{\"a\":1}", 7};

void SLUICE_CALL completes(void*, sluice_call* call, const sluice_request*) {
    self_object.host->complete(call, result_text);
}
void SLUICE_CALL completes_twice(void*, sluice_call* call, const sluice_request*) {
    self_object.host->complete(call, result_text);
    self_object.host->complete(call, result_text);
}
void SLUICE_CALL never_completes(void*, sluice_call* call, const sluice_request*) {
    self_object.late = call;
}
void SLUICE_CALL completes_an_old_call(void*, sluice_call* call, const sluice_request*) {
    self_object.host->complete(self_object.late, result_text);
    self_object.host->complete(call, result_text);
}
void SLUICE_CALL completes_with_text(void*, sluice_call* call, const sluice_request*) {
    self_object.host->complete(call, {"hello", 5});
}
void SLUICE_CALL fails_with_ok(void*, sluice_call* call, const sluice_request*) {
    sluice_error error{};
    error.size = sizeof(error);
    self_object.host->fail(call, &error);
}
void SLUICE_CALL keeps_a_blob(void*, sluice_call* call, const sluice_request*) {
    const auto* blobs = static_cast<const sluice_blob_1*>(
        self_object.host->service(self_object.host, "sluice.blob/1"));
    blobs->create(call, {"text/plain", 10});
    self_object.host->complete(call, result_text);
}
void SLUICE_CALL requests(void*, sluice_call* call, const sluice_request*) {
    const auto* http = static_cast<const sluice_http_1*>(
        self_object.host->service(self_object.host, "sluice.http/1"));
    sluice_http_request request{};
    request.size = sizeof(request);
    request.timeout_ms = 500;
    request.method = {"GET", 3};
    request.url = {"https://a.test/x", 16};
    http->send(
        call, &request,
        [](void* user, const sluice_error* error, const sluice_http_response*) {
            auto* waiting = static_cast<sluice_call*>(user);
            if (error != nullptr) {
                self_object.host->fail(waiting, error);
            } else {
                self_object.host->complete(waiting, result_text);
            }
        },
        call);
}
// Ends the call first, so that the posted function must not run.
void SLUICE_CALL posts(void*, sluice_call* call, const sluice_request*) {
    self_object.host->post(
        call, [](void* user) { self_object.host->complete(static_cast<sluice_call*>(user), {}); },
        call);
    self_object.host->complete(call, result_text);
}
// Ends the call while a timer runs, whose done function must not run.
void SLUICE_CALL leaves_a_timer(void*, sluice_call* call, const sluice_request*) {
    const auto* timer = static_cast<const sluice_timer_1*>(
        self_object.host->service(self_object.host, "sluice.timer/1"));
    timer->after(
        call, 5,
        [](void* user, const sluice_error*) {
            self_object.host->complete(static_cast<sluice_call*>(user), {});
        },
        call);
    self_object.host->complete(call, result_text);
}
// When its timer is cancelled, stores something and ends with what became of that.
void SLUICE_CALL stores_after_a_cancel(void*, sluice_call* call, const sluice_request*) {
    const auto* timer = static_cast<const sluice_timer_1*>(
        self_object.host->service(self_object.host, "sluice.timer/1"));
    timer->after(
        call, 5,
        [](void* user, const sluice_error*) {
            const auto* state = static_cast<const sluice_state_1*>(
                self_object.host->service(self_object.host, "sluice.state/1"));
            state->set(
                static_cast<sluice_call*>(user), {"k", 1}, {"1", 1},
                [](void* again, const sluice_error* error) {
                    auto* waiting = static_cast<sluice_call*>(again);
                    if (error != nullptr) return self_object.host->fail(waiting, error);
                    self_object.host->complete(waiting, result_text);
                },
                user);
        },
        call);
}

// Completes with the sizes of what its request brought.
void SLUICE_CALL tells_sizes(void*, sluice_call* call, const sluice_request*) {
    const auto* http = static_cast<const sluice_http_1*>(
        self_object.host->service(self_object.host, "sluice.http/1"));
    sluice_http_request request{};
    request.size = sizeof(request);
    request.method = {"GET", 3};
    request.url = {"https://a.test/x", 16};
    http->send(
        call, &request,
        [](void* user, const sluice_error* error, const sluice_http_response* response) {
            const std::string text =
                std::to_string(error != nullptr ? error->size : response->size);
            self_object.host->complete(static_cast<sluice_call*>(user), {text.data(), text.size()});
        },
        call);
}
void SLUICE_CALL refuses_a_sender(void*, sluice_call* call, const sluice_request*) {
    sluice_error error{};
    error.size = sizeof(error);
    error.code = SLUICE_AUTH;
    self_object.host->fail(call, &error);
}
void SLUICE_CALL throws(void*, sluice_call*, const sluice_request*) {
    throw std::runtime_error("boom");
}
void SLUICE_CALL throws_when_done(void*, sluice_call* call, const sluice_request*) {
    const auto* timer = static_cast<const sluice_timer_1*>(
        self_object.host->service(self_object.host, "sluice.timer/1"));
    timer->after(
        call, 5, [](void*, const sluice_error*) { throw std::runtime_error("boom"); }, nullptr);
}
void SLUICE_CALL works(void*, sluice_call* call, const sluice_request*) {
    const auto* work = static_cast<const sluice_work_1*>(
        self_object.host->service(self_object.host, "sluice.work/1"));
    work->run(
        call, [](void*) { self_object.worked_on = std::this_thread::get_id(); },
        [](void* user, const sluice_error*) {
            self_object.host->complete(static_cast<sluice_call*>(user), result_text);
        },
        call);
}
void SLUICE_CALL stores(void*, sluice_call* call, const sluice_request*) {
    const auto* state = static_cast<const sluice_state_1*>(
        self_object.host->service(self_object.host, "sluice.state/1"));
    state->set(
        call, {"k", 1}, {"1", 1},
        [](void* user, const sluice_error* error) {
            auto* waiting = static_cast<sluice_call*>(user);
            if (error != nullptr) return self_object.host->fail(waiting, error);
            self_object.host->complete(waiting, result_text);
        },
        call);
}
void SLUICE_CALL keeps_nine_sessions(void*, sluice_call* call, const sluice_request*) {
    const auto* sessions = static_cast<const sluice_session_1*>(
        self_object.host->service(self_object.host, "sluice.session/1"));
    self_object.on_strand = true;
    for (int i = 0; i < 9; ++i) {
        sessions->keep(call, {"k", 1}, &self_object, 1'000, [](void*) {
            ++self_object.sessions_closed;
            self_object.closed_on_strand += self_object.on_strand ? 1 : 0;
        });
    }
    self_object.on_strand = false;
    self_object.host->complete(call, result_text);
}

constexpr sluice_action actions[] = {
    {"refusesASender", 0, 0, refuses_a_sender},
    {"tellsSizes", 0, 0, tells_sizes},
    {"throws", 0, 0, throws},
    {"throwsBlocking", SLUICE_ACTION_BLOCKING, 0, throws},
    {"throwsWhenDone", 0, 0, throws_when_done},
    {"works", 0, 0, works},
    {"stores", 0, 0, stores},
    {"keepsNineSessions", 0, 0, keeps_nine_sessions},
    {"completes", 0, 0, completes},
    {"completesTwice", 0, 0, completes_twice},
    {"neverCompletes", 0, 0, never_completes},
    {"neverCompletesBlocking", SLUICE_ACTION_BLOCKING, 0, never_completes},
    {"completesAnOldCall", 0, 0, completes_an_old_call},
    {"completesWithText", 0, 0, completes_with_text},
    {"failsWithOk", 0, 0, fails_with_ok},
    {"keepsABlob", 0, 0, keeps_a_blob},
    {"requests", 0, 0, requests},
    {"posts", 0, 0, posts},
    {"leavesATimer", 0, 0, leaves_a_timer},
    {"storesAfterACancel", 0, 0, stores_after_a_cancel}};

sluice_code SLUICE_CALL open(const sluice_host* host, void** self, sluice_error*) {
    self_object.host = host;
    ++self_object.opened;
    *self = &self_object;
    return SLUICE_OK;
}
sluice_code SLUICE_CALL refuse_to_open(const sluice_host*, void**, sluice_error* why) {
    why->message = {"no licence", 10};
    return SLUICE_UNSUPPORTED;
}
void SLUICE_CALL close(void*) { ++self_object.closed; }

const sluice_connector* SLUICE_CALL entry() {
    static const sluice_connector table{sizeof(sluice_connector),
                                        SLUICE_ABI_MINOR,
                                        sizeof(actions) / sizeof(actions[0]),
                                        sizeof(sluice_action),
                                        actions,
                                        "hand-made",
                                        open,
                                        close,
                                        nullptr};
    return &table;
}
const sluice_connector* SLUICE_CALL refusing_entry() {
    static const sluice_connector table = [] {
        sluice_connector changed = *entry();
        changed.open = refuse_to_open;
        return changed;
    }();
    return &table;
}
const sluice_connector* SLUICE_CALL old_entry() {
    static const sluice_connector table = [] {
        sluice_connector changed = *entry();
        changed.size = 16;
        return changed;
    }();
    return &table;
}
const sluice_connector* SLUICE_CALL null_entry() { return nullptr; }

TEST(mock_host, opens_and_closes_the_connector_once) {
    self_object = {};
    { mock_host host(entry); }
    EXPECT_EQ(self_object.opened, 1);
    EXPECT_EQ(self_object.closed, 1);
}

TEST(mock_host, accepts_an_action_that_keeps_to_the_rules) {
    mock_host host(entry);
    const call_result result = host.run("completes", json::object());
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"a", 1}}));
}

TEST(mock_host, notices_a_second_completion) {
    mock_host host(entry);
    const call_result result = host.run("completesTwice", json::object());
    EXPECT_FALSE(result.ok);
    EXPECT_THAT(result.problems, Contains(HasSubstr("second time")));
}

TEST(mock_host, notices_an_action_that_never_completes) {
    mock_host host(entry);
    for (const char* action : {"neverCompletes", "neverCompletesBlocking"}) {
        const call_result result = host.run(action, json::object());
        EXPECT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_INTERNAL);
        EXPECT_THAT(result.problems, Contains(HasSubstr("never completes")));
    }
}

TEST(mock_host, notices_a_completion_after_the_end) {
    mock_host host(entry);
    host.run("neverCompletes", json::object());
    EXPECT_TRUE(host.run("completesAnOldCall", json::object()).ok);
    EXPECT_THAT(host.problems(), Contains(HasSubstr("second time")));
}

TEST(mock_host, recognises_the_handle_of_a_call_that_it_has_forgotten) {
    mock_host host(entry);
    host.run("neverCompletes", json::object());
    host.forget_calls();
    EXPECT_TRUE(host.run("completesAnOldCall", json::object()).ok);
    EXPECT_THAT(host.problems(), Contains(HasSubstr("long after it had ended")));
}

TEST(mock_host, hands_over_longer_structs_on_a_later_host) {
    for (const bool later : {false, true}) {
        mock_host host(entry, {.later_structs = later});
        host.on("GET", "https://a.test/x").reply(200, "").fail(SLUICE_TIMEOUT, "none");
        const auto more = static_cast<std::int64_t>(later ? 64 : 0);
        for (const std::size_t size : {sizeof(sluice_http_response), sizeof(sluice_error)}) {
            const call_result result = host.run("tellsSizes", json::object());
            EXPECT_EQ(result.output, json(static_cast<std::int64_t>(size) + more));
        }
    }
}

TEST(mock_host, notices_an_exception_that_leaves_the_connector) {
    mock_host host(entry);
    for (const char* action : {"throws", "throwsBlocking", "throwsWhenDone"}) {
        EXPECT_THAT(host.run(action, json::object()).problems,
                    Contains("an exception left it: boom"))
            << action;
    }
}

TEST(mock_host, runs_work_beside_the_strand) {
    mock_host host(entry);
    self_object.worked_on = {};
    EXPECT_TRUE(host.run("works", json::object()).ok);
    EXPECT_NE(self_object.worked_on, std::thread::id());
    EXPECT_NE(self_object.worked_on, std::this_thread::get_id());
}

TEST(mock_host, keeps_the_state_of_instances_apart) {
    mock_host host(entry);
    EXPECT_TRUE(host.run("stores", json::object(), json(), {.instance = "other"}).ok);
    EXPECT_EQ(host.state("k"), json());
    EXPECT_EQ(host.state("k", "other"), json(1));
}

TEST(mock_host, a_change_that_has_begun_happens_also_after_a_cancel) {
    mock_host host(entry);
    EXPECT_TRUE(host.run_cancelled_at(1, "stores", json::object()).ok);
    EXPECT_EQ(host.state("k"), json(1));
}

TEST(mock_host, closes_surplus_sessions_off_the_strand) {
    self_object = {};
    mock_host host(entry);
    EXPECT_TRUE(host.run("keepsNineSessions", json::object()).ok);
    EXPECT_EQ(host.idle_sessions(), 8u);
    EXPECT_EQ(self_object.sessions_closed, 1);
    EXPECT_EQ(self_object.closed_on_strand, 0);
}

TEST(mock_host, closes_the_sessions_of_refused_values_but_not_of_a_refused_sender) {
    for (const bool verifier : {false, true}) {
        mock_options options;
        if (verifier) options.verifiers = {"refusesASender"};
        mock_host host(entry, options);
        host.run("keepsNineSessions", json::object());
        host.run("refusesASender", json::object());
        EXPECT_EQ(host.idle_sessions(), verifier ? 8u : 0u);
    }
}

TEST(mock_host, blames_the_call_that_keeps_a_blob) {
    mock_host host(entry);
    const auto results =
        host.run_together({{"completes", "{}", ""}, {"keepsABlob", "{}", ""}}, 1, 1);
    EXPECT_THAT(results.at(0).problems, IsEmpty());
    EXPECT_THAT(results.at(1).problems, Contains(HasSubstr("was not released")));
}

TEST(mock_host, notices_results_that_are_no_results) {
    mock_host host(entry);
    EXPECT_THAT(host.run("completesWithText", json::object()).problems,
                Contains(HasSubstr("not JSON")));
    EXPECT_THAT(host.run("failsWithOk", json::object()).problems, Contains(HasSubstr("SLUICE_OK")));
    EXPECT_THAT(host.run("keepsABlob", json::object()).problems,
                Contains(HasSubstr("blob-1 was not released")));
    EXPECT_THAT(host.run("missing", json::object()).problems,
                Contains(HasSubstr("no action 'missing'")));
}

TEST(mock_host, does_not_run_posted_functions_after_the_end) {
    mock_host host(entry);
    const call_result result = host.run("posts", json::object());
    EXPECT_TRUE(result.ok) << result.explain();
}

TEST(mock_host, drops_operations_that_are_pending_at_the_end) {
    mock_host host(entry);
    const call_result result = host.run("leavesATimer", json::object());
    EXPECT_TRUE(result.ok) << result.explain();
}

TEST(mock_host, ends_what_is_asked_for_after_a_cancel_as_cancelled) {
    mock_host host(entry);
    EXPECT_TRUE(host.run("storesAfterACancel", json::object()).ok);
    const call_result result = host.run_cancelled_at(1, "storesAfterACancel", json::object());
    EXPECT_EQ(result.error.code, SLUICE_CANCELLED);
    EXPECT_THAT(result.problems, IsEmpty());
}

TEST(mock_host, names_requests_that_no_rule_answers) {
    mock_host host(entry);
    host.on("POST", "https://a.test/x").reply(200, "");
    host.on("GET", "https://a.test/y").reply(200, "");
    const call_result result = host.run("requests", json::object());
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE);
    EXPECT_THAT(result.problems, Contains("no rule answers GET https://a.test/x"));
}

TEST(mock_host, answers_by_the_first_rule_that_matches) {
    mock_host host(entry);
    host.on("GET", "https://a.test/*")
        .when([](const auto& request) { return !request.body.empty(); })
        .fail(SLUICE_INTERNAL, "wrong rule");
    host.on("GET", "https://a.test/*").reply(200, "");
    host.on("GET", "https://a.test/x").fail(SLUICE_INTERNAL, "wrong rule");
    const call_result result = host.run("requests", json::object());
    EXPECT_TRUE(result.ok) << result.explain();
}

TEST(mock_host, gives_answers_in_order_and_repeats_the_last) {
    mock_host host(entry);
    host.on("GET", "https://a.test/x").fail(SLUICE_TIMEOUT, "first").reply(200, "");
    EXPECT_EQ(host.run("requests", json::object()).error.code, SLUICE_TIMEOUT);
    EXPECT_TRUE(host.run("requests", json::object()).ok);
    EXPECT_TRUE(host.run("requests", json::object()).ok);
}

TEST(mock_host, notices_a_rule_without_an_answer) {
    mock_host host(entry);
    host.on("GET", "https://a.test/x");
    EXPECT_THAT(host.run("requests", json::object()).problems, Contains(HasSubstr("no reply()")));
}

TEST(mock_host, keeps_the_timeout_of_a_request) {
    mock_host host(entry);
    host.on("GET", "https://a.test/x").reply(200, "").after_ms(501);
    EXPECT_EQ(host.run("requests", json::object()).error.code, SLUICE_TIMEOUT);
    EXPECT_EQ(host.now_ms(), 500u);
}

TEST(mock_host, cancels_connectors_without_a_cancel_function) {
    mock_host host(entry);
    host.on("GET", "https://a.test/x").reply(200, "");
    const call_result result = host.run_cancelled_at(1, "requests", json::object());
    EXPECT_EQ(result.error.code, SLUICE_CANCELLED);
    EXPECT_THAT(result.problems, IsEmpty());
}

TEST(mock_host, reports_why_a_connector_cannot_be_opened) {
    mock_host refusing(refusing_entry);
    ASSERT_TRUE(refusing.open_error());
    EXPECT_EQ(refusing.open_error()->code, SLUICE_UNSUPPORTED);
    EXPECT_EQ(refusing.run("completes", json::object()).error.message, "no licence");
    EXPECT_TRUE(mock_host(old_entry).open_error());
    EXPECT_TRUE(mock_host(null_entry).open_error());
}

TEST(mock_host, repeats_the_loaders_words_about_a_missing_library) {
    try {
        sluice::testing::load_connector("/nowhere/x.so");
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("/nowhere/x.so"));
    }
}

TEST(mock_host, compares_descriptor_and_table) {
    const auto problems = sluice::testing::descriptor_problems(*entry(), R"({"id": "other",
        "actions": {"completes": {"flags": ["blocking"]}, "missing": {}}})");
    EXPECT_THAT(problems, Contains(HasSubstr("id is \"other\"")));
    EXPECT_THAT(problems, Contains(HasSubstr("'completes' is blocking")));
    EXPECT_THAT(problems, Contains(HasSubstr("no action 'missing'")));
    EXPECT_THAT(problems, Contains(HasSubstr("does not describe the action 'requests'")));
}

}  // namespace
