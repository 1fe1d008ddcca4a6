// Webhooks with `body: blob` and flows that answer with a file: a real server, store and disk.
#include "trigger/upload.hpp"

#include <gtest/gtest.h>

#include "base/thread.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "trigger/webhook_testing.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* manifest = R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: test, name: files, version: 1.0.0 }
connectors: { app: "*" }
flows:
  keep:
    trigger: { webhook: { body: blob } }
    queue: { dedupe: "${ .headers[\"x-id\"] }" }
    do: [ { call1: { call: app.save, with: { file: "${ .body }" } } } ]
  back:
    trigger: { webhook: { body: blob, respond: { mode: result } } }
    do: [ { pick: { set: "${ .body }" } } ]
  shaped:
    trigger: { webhook: { body: blob, respond: { mode: result } } }
    do:
      - pick:
          set: { status: 201, headers: { content-type: text/css, x-a: b }, body: "${ .body }" }
  plain:
    trigger: { webhook: {} }
    do: [ { pick: { set: "${ .body }" } } ]
  lost:
    trigger: { webhook: { respond: { mode: result } } }
    do: [ { pick: { set: { $blob: "bnone-1" } } } ]
)";

class upload_test : public webhook_fixture {
  protected:
    void SetUp() override { open({}); }
    void TearDown() override {
        trigger_.reset();
        engine_.reset();
        files_.reset();
        webhook_fixture::TearDown();
    }

    void open(upload_options options) {
        TearDown();
        open_store();
        plugin::blob_options rules;
        rules.folder = blobs_folder();
        rules.bytes_per_execution = 2u << 20;
        rules.shortage = [this] { return shortage_; };
        blobs_ = std::make_shared<plugin::blob_registry>(rules);
        files_ =
            std::make_unique<uploads>(plugin::blob_access{blobs_, pool_, loop_}, ids_, options);
        deploy({write("integration.yaml", manifest),
                write("instance.yaml", "instance: one\ncustomer: one\nintegration: test/files\n")},
               [](const std::string&) { return ""; });
        start_engine(calls_);
        trigger_ =
            std::make_unique<webhook>(webhook_ports{loop_,
                                                    clock_,
                                                    ids_,
                                                    *store_,
                                                    *deployments_,
                                                    calls_,
                                                    *engine_,
                                                    {},
                                                    [](store::event_id) { return std::string(); },
                                                    files_.get()},
                                      webhook_options{});
        engine_->observe_ends([this](store::event_id id, const engine::end_of_execution& end) {
            blobs_->forget(id);
            trigger_->on_end(id, end);
        });
    }
    std::filesystem::path blobs_folder() const { return folder_.path() / "data" / "blobs"; }
    net::http_request head(const std::string& flow, const std::string& id = {}) {
        net::http_request out;
        out.method = "POST";
        out.path = path_of(flow);
        out.headers.add("content-type", "text/csv");
        if (!id.empty()) out.headers.add("x-id", id);
        return out;
    }
    // Runs one step of a sink; the error it gave.
    base::result<void> step(const std::function<void(net::body_sink::done_function)>& start) {
        std::optional<base::result<void>> got;
        start([&](base::result<void> outcome) { got = std::move(outcome); });
        EXPECT_TRUE(until([&] { return got.has_value(); }));
        return std::move(*got);
    }
    // As the server does it. Nothing when the body was refused on its way.
    std::optional<net::http_response> send(net::http_request of, const std::string& body,
                                           std::size_t piece = 100'000) {
        if (auto refused = trigger_->on_head(of)) return refused;
        of.sink = trigger_->destination(of).sink;
        for (std::size_t at = 0; of.sink && at < body.size(); at += piece) {
            const auto written =
                step([&](auto done) { of.sink->write(body.substr(at, piece), std::move(done)); });
            if (!written) return std::nullopt;
        }
        if (of.sink) {
            EXPECT_TRUE(step([&](auto done) { of.sink->finish(std::move(done)); }));
        } else {
            of.body = body;
        }
        std::optional<net::http_response> answer;
        trigger_->on_request(std::move(of), net::responder([&](net::http_response got) {
                                 answer = std::move(got);
                             }));
        EXPECT_TRUE(until([&] { return answer.has_value(); }));
        return answer;
    }
    std::string read_all(net::body_source& source) {
        std::string all;
        for (bool more = true; more;) {
            std::optional<base::result<std::string>> piece;
            source.read([&](base::result<std::string> got) { piece = std::move(got); });
            EXPECT_TRUE(until([&] { return piece.has_value(); }));
            more = piece && *piece && !(*piece)->empty();
            if (more) all += **piece;
        }
        return all;
    }
    bool no_file_is_left() {
        return until([&] {
            std::error_code ignored;
            return !std::filesystem::exists(blobs_folder(), ignored) ||
                   std::filesystem::is_empty(blobs_folder(), ignored);
        });
    }

    base::blocking_pool pool_{"io", 2, 100};
    engine::scripted_calls calls_{loop_, clock_};
    std::string shortage_;
    std::shared_ptr<plugin::blob_registry> blobs_;
    std::unique_ptr<uploads> files_;
};

TEST_F(upload_test, the_body_is_a_file_of_the_execution_and_its_handle_a_plain_object) {
    const std::string body(1u << 20, 'c');
    const auto answer = send(head("keep"), body);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
    const auto id = base::parse_execution_id(json::parse(answer->body)->string_or("execution", ""));
    ASSERT_TRUE(id);
    ASSERT_TRUE(until([&] { return engine_->stats().succeeded == 1; }));
    const json::value input = json::parse(calls_.calls()[0].second.request.input_json).value();
    const json::value& handle = input.get("file");
    EXPECT_EQ(handle.int_or("size", 0), 1 << 20);
    EXPECT_EQ(handle.string_or("contentType", ""), "text/csv");
    // After the end it is still there, as long as the record is.
    const auto file = blobs_->find(*id, handle.string_or("$blob", ""));
    ASSERT_TRUE(file);
    EXPECT_EQ(file->length(), body.size());
    std::ifstream on_disk(plugin::blob_folder(blobs_folder(), *id) / file->id());
    EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(on_disk), {}) == body);
}

TEST_F(upload_test, a_file_streams_out_as_the_answer_of_a_synchronous_flow) {
    const std::string body(900'000, 'x');
    auto answer = send(head("back"), body);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headers.get("content-type"), "text/csv");
    ASSERT_TRUE(answer->source);
    EXPECT_EQ(answer->source->length(), body.size());
    EXPECT_TRUE(read_all(*answer->source) == body);
    answer = send(head("shaped"), "small");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->headers.get("content-type"), "text/css");
    EXPECT_EQ(answer->headers.get("x-a"), "b");
    ASSERT_TRUE(answer->source);
    EXPECT_EQ(read_all(*answer->source), "small");
    answer = send(head("lost"), "{}");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
}

TEST_F(upload_test, what_does_not_become_an_event_leaves_no_file) {
    // Broken off.
    {
        const auto started = trigger_->destination(head("keep"));
        ASSERT_TRUE(started.sink);
        EXPECT_EQ(started.most_bytes, 2ull << 30);
        ASSERT_TRUE(step(
            [&](auto done) { started.sink->write(std::string(200'000, 'x'), std::move(done)); }));
        EXPECT_FALSE(blobs_->stored().empty());
    }
    EXPECT_TRUE(no_file_is_left());
    EXPECT_EQ(blobs_->count(), 0u);
    // Whole, and then the connection breaks.
    {
        const auto whole = trigger_->destination(head("keep"));
        ASSERT_TRUE(step([&](auto done) { whole.sink->write("abc", std::move(done)); }));
        ASSERT_TRUE(step([&](auto done) { whole.sink->finish(std::move(done)); }));
    }
    EXPECT_TRUE(no_file_is_left());
    // Beyond the quota, and with a disk that is short.
    EXPECT_FALSE(send(head("keep"), std::string(3u << 20, 'x')));
    EXPECT_TRUE(no_file_is_left());
    shortage_ = "too little disk space";
    EXPECT_FALSE(send(head("keep"), "x"));
    EXPECT_TRUE(no_file_is_left());
    EXPECT_TRUE(store_->history({})->empty());
}

TEST_F(upload_test, a_repeated_delivery_is_one_event_and_one_file) {
    const std::string body(300'000, 'd');
    const auto first = send(head("keep", "d-1"), body, 100'000);
    const auto again = send(head("keep", "d-1"), body, 70'001);
    const auto other = send(head("keep", "d-1"), body + "!", 100'000);
    ASSERT_TRUE(first && again && other);
    EXPECT_EQ(first->status, 202);
    EXPECT_EQ(again->status, 200);
    EXPECT_EQ(json::parse(again->body)->get("execution"),
              json::parse(first->body)->get("execution"));
    EXPECT_EQ(other->status, 202) << "other bytes under the same key are another event";
    EXPECT_TRUE(until([&] { return blobs_->stored().size() == 2; }));
}

TEST_F(upload_test, other_webhooks_are_collected_in_memory) {
    EXPECT_FALSE(trigger_->destination(head("plain")).sink);
    net::http_request none = head("plain");
    none.path = "/hooks/none";
    EXPECT_FALSE(trigger_->destination(none).sink);
    const auto answer = send(head("plain"), "text");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
}

}  // namespace
}  // namespace sluice::trigger
