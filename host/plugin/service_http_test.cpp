#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/blob_handle.hpp"
#include "plugin/http_text.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

using testing::HasSubstr;

// Sends one request from a connector and keeps what comes back.
class http_service_test : public testing::Test {
  protected:
    http_service_test() { world.install("probe"); }

    static sluice_http_request get(std::string_view url = "https://example.com/a?b=c") {
        sluice_http_request request = {};
        request.size = sizeof request;
        request.method = view("GET");
        request.url = view(url);
        return request;
    }

    void start(sluice_http_request request, std::int64_t deadline = 0) {
        wanted = request;
        call_request input;
        input.action = "run";
        input.input_json = code.input_json();
        input.deadline_unix_ms = deadline;
        input.scope.execution = 9;
        handle = world.connectors->find("probe")->start(
            input, [this](call_outcome got) { outcome = std::move(got); });
        ASSERT_TRUE(world.run_until([&] { return call != nullptr; }));
        world.loop.run_ready();
    }
    void finish() {
        ASSERT_TRUE(world.run_until([&] { return outcome.has_value(); }));
    }
    static void received(void* user, const sluice_error* error,
                         const sluice_http_response* response) {
        auto& here = *static_cast<http_service_test*>(user);
        EXPECT_NE(error == nullptr, response == nullptr);
        ++here.answers;
        if (error) {
            here.error_code = error->code;
            here.error_text = text_of(error->message);
        } else {
            here.status = response->status;
            here.headers = text_of(response->headers);
            here.body = text_of(response->body);
            if (response->body_blob) {
                here.blob_id = text_of(here.blobs->id(response->body_blob));
            }
        }
        here.host->complete(here.call, view("null"));
    }

    plugin_world world;
    sluice_http_request wanted = {};
    call_handle handle = call_handle::none;
    std::optional<call_outcome> outcome;
    const sluice_host* host = nullptr;
    const sluice_blob_1* blobs = nullptr;
    sluice_call* call = nullptr;
    std::uint64_t operation = 0;
    int answers = 0;
    std::uint32_t error_code = 0;
    std::uint32_t status = 0;
    std::string error_text, headers, body, blob_id;
    probe_code code{[this](const sluice_host* given, sluice_call* mine, const sluice_request*) {
        host = given;
        call = mine;
        blobs = static_cast<const sluice_blob_1*>(given->service(given, "sluice.blob/1"));
        const auto* http =
            static_cast<const sluice_http_1*>(given->service(given, "sluice.http/1"));
        operation = http->send(mine, &wanted, received, this);
    }};
};

net::client_response reply(int status, std::string body) {
    net::client_response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("X-Two", "2");
    response.body = std::move(body);
    return response;
}

}  // namespace

TEST_F(http_service_test, sends_what_was_asked_and_gives_the_answer_back) {
    sluice_http_request request = get();
    request.method = view("POST");
    request.headers = view("Accept: text/plain\r\nX-Key:  value \r\n");
    request.body = view("hello");
    request.flags = SLUICE_HTTP_FOLLOW_REDIRECTS;
    request.timeout_ms = 1'234;
    start(request);
    ASSERT_EQ(world.http.requests.size(), 1u);
    const net::client_request& sent = world.http.requests[0].request;
    EXPECT_EQ(sent.method, "POST");
    EXPECT_EQ(sent.url, "https://example.com/a?b=c");
    EXPECT_EQ(sent.headers.get("x-key"), "value");
    EXPECT_EQ(sent.body, "hello");
    EXPECT_TRUE(sent.follow_redirects);
    EXPECT_EQ(sent.timeout_ms, 1'234);
    world.http.answer(reply(418, "[1]"));
    finish();
    EXPECT_NE(operation, 0u);
    EXPECT_EQ(status, 418u);
    EXPECT_EQ(headers, "content-type: application/json\r\nx-two: 2\r\n");
    EXPECT_EQ(body, "[1]");
}

TEST_F(http_service_test, carries_the_clients_error) {
    start(get());
    world.http.answer(base::make_error(base::error_code::unavailable, "connection refused"));
    finish();
    EXPECT_EQ(error_code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(error_text, "connection refused");
}

TEST_F(http_service_test, waits_as_long_as_the_deadline_leaves_or_half_a_minute) {
    start(get());
    EXPECT_EQ(world.http.requests[0].request.timeout_ms, 30'000);
    world.http.answer(reply(200, ""));
    finish();
    call = nullptr;
    outcome.reset();
    start(get(), world.clock.unix_ms() + 7'000);
    EXPECT_EQ(world.http.requests[0].request.timeout_ms, 7'000);
    world.http.answer(reply(200, ""));
    finish();
}

TEST_F(http_service_test, cancelling_the_call_cancels_the_request) {
    start(get());
    world.connectors->find("probe")->cancel(handle);
    finish();
    EXPECT_EQ(error_code, SLUICE_CANCELLED);
    EXPECT_EQ(world.http.cancelled, 1);
    EXPECT_EQ(answers, 1);
}

TEST_F(http_service_test, the_end_of_a_call_gives_up_its_request_without_an_answer) {
    start(get());
    host->complete(call, view("1"));
    finish();
    EXPECT_EQ(world.http.cancelled, 1);
    world.loop.run_ready();
    EXPECT_EQ(answers, 0);
}

TEST_F(http_service_test, a_bad_header_is_an_error_that_does_not_repeat_the_value) {
    sluice_http_request request = get();
    request.headers = view("Authorization: Bearer hunter2\nX: y\r\n");
    start(request);
    finish();
    EXPECT_EQ(error_code, SLUICE_INVALID_INPUT);
    EXPECT_THAT(error_text, testing::Not(HasSubstr("hunter2")));
    EXPECT_TRUE(world.http.requests.empty());
}

TEST_F(http_service_test, a_response_can_go_into_a_blob) {
    sluice_http_request request = get();
    request.flags = SLUICE_HTTP_BODY_TO_BLOB;
    start(request);
    world.http.answer(reply(200, std::string(3u << 20, 'z')));
    finish();
    EXPECT_EQ(status, 200u);
    EXPECT_EQ(body, "");
    const auto kept = world.connectors->blobs().find(9, blob_id);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->length(), 3u << 20);
    EXPECT_FALSE(kept->in_memory());
    EXPECT_EQ(kept->content_type(), "application/json");
    world.connectors->blobs().forget(9);
}

TEST_F(http_service_test, a_request_can_come_out_of_a_blob) {
    const auto one = world.connectors->blobs().create(9, "text/plain");
    ASSERT_TRUE(one->append(std::string(3u << 20, 'u')));
    sluice_http_request request = get();
    request.method = view("PUT");
    request.body_blob = new_blob_handle(one);
    start(request);
    finish();
    EXPECT_EQ(error_code, SLUICE_CONFLICT);  // not sealed
    one->seal();
    call = nullptr;
    outcome.reset();
    start(request);
    release_blob_handle(request.body_blob);
    ASSERT_EQ(world.http.requests.size(), 1u);
    EXPECT_EQ(world.http.requests[0].request.source->length(), 3u << 20);
    // A file may take long, silence may not.
    EXPECT_EQ(world.http.requests[0].request.timeout_ms, 0);
    EXPECT_EQ(world.http.requests[0].request.stall_ms, 30'000);
    world.http.answer(reply(200, "got it"));
    finish();
    EXPECT_EQ(body, "got it");
    EXPECT_TRUE(world.http.last_source_body == std::string(3u << 20, 'u'));
    world.connectors->blobs().forget(9);
}

TEST(http_header_text, refuses_what_would_smuggle_or_belongs_to_the_host) {
    for (const char* text :
         {"no colon", "Bad Name: x", "X: a\nY: b", "Host: x", "content-length: 3", ": empty"}) {
        EXPECT_FALSE(parse_header_text(text)) << text;
    }
    const auto good = parse_header_text("A: 1\r\nB:\r\nC:a:b");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->size(), 3u);
    EXPECT_EQ(good->get("b"), "");
    EXPECT_EQ(good->get("c"), "a:b");
}

}  // namespace sluice::plugin
