#include "plugin/blob_http.hpp"

#include <gtest/gtest.h>

#include "plugin/blob_reference.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {
namespace {

class blob_http_test : public testing::Test {
  protected:
    blob_http_request get() {
        blob_http_request wanted;
        wanted.execution = 5;
        wanted.request.url = "https://example.com/file";
        return wanted;
    }
    base::result<blob_http_response> send(blob_http_request wanted, std::string_view type = {},
                                          std::string body = {}) {
        std::optional<base::result<blob_http_response>> got;
        http.send(std::move(wanted),
                  [&](base::result<blob_http_response> answer) { got = std::move(answer); });
        EXPECT_FALSE(got) << "answered inline";
        if (!world.http.requests.empty()) {
            sent = world.http.requests[0].request;
            net::client_response answer;
            answer.status = 200;
            if (!type.empty()) answer.headers.add("Content-Type", type);
            answer.body = std::move(body);
            world.http.answer(std::move(answer));
        }
        EXPECT_TRUE(world.run_until([&] { return got.has_value(); }));
        return std::move(*got);
    }
    std::string bytes_of(const json::value& handle) {
        const auto found = world.connectors->blobs().find(5, *blob_reference(handle));
        EXPECT_TRUE(found);
        if (!found) return {};
        std::string text(found->length(), '\0');
        EXPECT_TRUE(found->read(0, text.data(), text.size()));
        return text;
    }

    static plugin_world_options durable() {
        plugin_world_options options;
        options.durable_blobs = true;
        options.blob_quota = 8u << 20;
        return options;
    }
    plugin_world world{durable()};
    blob_http http{world.http, world.connectors->blob_streams()};
    net::client_request sent;
};

TEST_F(blob_http_test, text_comes_back_as_text) {
    const auto answer = send(get(), "application/json; charset=utf-8", "{\"a\":1}");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "{\"a\":1}");
    EXPECT_TRUE(answer->blob.is_null());
    EXPECT_EQ(sent.timeout_ms, 30'000);
    EXPECT_EQ(world.connectors->blobs().count(), 0u);
    const auto empty = send(get(), "application/pdf", "");
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->blob.is_null());
}

TEST_F(blob_http_test, what_is_no_text_or_too_long_becomes_a_blob) {
    auto small = get();
    small.text_limit = 10;
    auto always = get();
    always.always_blob = true;
    struct {
        blob_http_request wanted;
        const char* type;
        std::string body;
    } const cases[] = {
        {get(), "application/pdf", "%PDF-1.7"},
        {get(), "image/png", std::string(3u << 20, 'p')},
        {get(), "text/plain; charset=latin1", "M\xfcller"},
        {get(), "", "\xff\xfe"},
        {small, "text/csv", "12345678901"},
        {always, "text/csv", "1"},
    };
    for (const auto& one : cases) {
        const auto answer = send(one.wanted, one.type, one.body);
        ASSERT_TRUE(answer) << one.type;
        EXPECT_EQ(answer->body, "");
        EXPECT_EQ(answer->blob.get("size").as_int64(), static_cast<std::int64_t>(one.body.size()));
        EXPECT_EQ(answer->blob.get("contentType").as_string(), one.type);
        EXPECT_TRUE(bytes_of(answer->blob) == one.body);
        EXPECT_TRUE(world.connectors->blobs().unsettled(5).empty());
    }
}

TEST_F(blob_http_test, a_blob_is_sent_as_the_body) {
    const auto one = world.connectors->blobs().create(5, "text/plain");
    ASSERT_TRUE(one->append(std::string(1u << 20, 'u')));
    auto wanted = get();
    wanted.body_blob = one->id();
    wanted.request.method = "PUT";
    wanted.request.timeout_ms = 0;
    EXPECT_EQ(send(wanted).error_value().code, base::error_code::conflict);
    one->seal();
    ASSERT_TRUE(send(wanted));
    EXPECT_EQ(world.http.last_source_body, std::string(1u << 20, 'u'));
    EXPECT_EQ(sent.stall_ms, 30'000);
    wanted.execution = 6;
    world.http.requests.clear();
    EXPECT_EQ(send(wanted).error_value().code, base::error_code::not_found);
}

TEST_F(blob_http_test, a_failed_answer_leaves_no_blob) {
    const auto answer = send(get(), "image/png", std::string(9u << 20, 'p'));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::unsupported);
    EXPECT_TRUE(base::wait_until([&] { return world.connectors->blobs().count() == 0; }));
    EXPECT_TRUE(base::wait_until(
        [&] { return !std::filesystem::exists(world.root.path() / "blobs" / "x0000000000005"); }));
}

TEST(blob_reference, is_an_object_with_a_blob_member) {
    EXPECT_EQ(blob_reference(json::value::object({{"$blob", "b1"}, {"size", 2}})), "b1");
    EXPECT_FALSE(blob_reference(json::value::object({{"$blob", 1}})));
    EXPECT_FALSE(blob_reference(json::value("b1")));
}

}  // namespace
}  // namespace sluice::plugin
