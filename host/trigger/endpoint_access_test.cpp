// Shared addresses and keys of instances: whose a request is, and who is let in.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "trigger/endpoint_route.hpp"
#include "trigger/webhook_testing.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* head = R"(manifest: "1"
integration: { namespace: test, name: hooks, version: 1.0.0 }
connectors: { app: "*" }
config: { key: { type: secret, required: true } }
)";
constexpr const char* flows = R"(
flows:
  main:
    trigger: { webhook: { verify: { call: app.verify, with: { secret: { $ref: config.key } } } } }
    do: [ { a: { set: { customer: "${ $instance.customer }" } } } ]
  open:
    trigger: { webhook: { keys: none } }
    do: [ { b: { set: 1 } } ]
)";

class endpoint_access_test : public webhook_fixture {
  protected:
    void TearDown() override {
        trigger_.reset();
        keys_.reset();
        webhook_fixture::TearDown();
    }

    // Instances: north-1 of north, south-1 and south-2 of south, "east" of west.
    void serve(const std::string& endpoint, const std::string& of_flows = flows) {
        open_store();
        std::vector<std::filesystem::path> files = {
            write("integration.yaml", head + ("endpoint: " + endpoint) + of_flows)};
        const std::pair<const char*, const char*> instances[] = {
            {"north-1", "north"}, {"south-1", "south"}, {"south-2", "south"}, {"east", "west"}};
        for (const auto& [name, customer] : instances) {
            files.push_back(write(name + std::string(".yaml"),
                                  std::string("instance: ") + name + "\ncustomer: " + customer +
                                      "\nintegration: test/hooks\nconfig: { key: { $env: KEY_" +
                                      name + " } }\n"));
        }
        deploy(files, [](const std::string& name) { return name; });
        start_engine(calls_);
        keys_ = std::make_unique<instance::endpoint_keys>(
            instance::digest_ports{loop_, random_, *store_, at_once}, clock_, ids_);
        trigger_ = std::make_unique<webhook>(
            webhook_ports{loop_, clock_, ids_, *store_, *deployments_, calls_, *engine_,
                          [](const std::string&, const auto*) { return nullptr; },
                          [](store::event_id) { return "http://host/runs/x"; }, nullptr,
                          keys_.get()},
            webhook_options{});
    }
    std::vector<instance::endpoint> addresses(const std::string& flow) {
        std::vector<instance::endpoint> out;
        for (const instance::endpoint& one : deployments_->endpoints()) {
            if (one.flow == flow) out.push_back(one);
        }
        return out;
    }
    std::string path_of(const std::string& instance, const std::string& flow = "main") {
        return webhook_fixture::path_of(
            flow, [&](const instance::endpoint& one) { return one.instance == instance; });
    }
    static net::http_request request(const std::string& path, const std::string& body,
                                     const std::string& key = {}) {
        net::http_request out;
        out.method = "POST";
        out.path = path;
        out.headers.add("content-type", "application/json");
        if (!key.empty()) out.headers.add("Api-Key", key);
        out.body = body;
        return out;
    }
    net::http_response send(net::http_request of) {
        if (auto refused = trigger_->on_head(of)) return *refused;
        const auto answer = std::make_shared<std::optional<net::http_response>>();
        trigger_->on_request(std::move(of), net::responder([answer](net::http_response got) {
                                 *answer = std::move(got);
                             }));
        EXPECT_TRUE(base::wait_until([&] { return loop_.run_ready(), answer->has_value(); }));
        return answer->value_or(net::http_response{});
    }
    int status(const std::string& path, const std::string& body, const std::string& key = {}) {
        return send(request(path, body, key)).status;
    }
    // The instances of the executions that there are, in order.
    std::string accepted() {
        std::string all;
        const auto found = store_->history({});
        if (!found) return "?";
        for (const auto& one : *found)
            all = one.instance + (all.empty() ? "" : " ") + all;
        return all;
    }
    std::string new_key(const std::string& instance, std::string* id = nullptr) {
        std::string text;
        keys_->create(instance, "test", [&](const base::result<instance::created_key>& made) {
            ASSERT_TRUE(made);
            text = std::string(made->text.reveal());
            if (id != nullptr) *id = made->facts.id;
        });
        EXPECT_TRUE(base::wait_until([&] { return loop_.run_ready(), !text.empty(); }));
        return text;
    }
    void revoke(const std::string& instance, const std::string& id) {
        bool gone = false;
        keys_->revoke(instance, id, [&](const base::result<void>& done) { gone = bool(done); });
        EXPECT_TRUE(base::wait_until([&] { return loop_.run_ready(), gone; }));
    }

    engine::scripted_calls calls_{loop_, clock_};
    std::unique_ptr<instance::endpoint_keys> keys_;
};

constexpr const char* shared = "{ scope: shared, route: .body.account }";

TEST_F(endpoint_access_test, one_address_serves_all_instances_of_the_integration) {
    serve(shared);
    ASSERT_EQ(addresses("main").size(), 1u);
    const instance::endpoint one = addresses("main").front();
    EXPECT_TRUE(one.shared());
    EXPECT_EQ(one.integration(), "test/hooks");
    for (const char* const name : {"north-1", "south-2"}) {
        const auto flow = deployments_->current(name, "main");
        EXPECT_TRUE(
            flow->instance_info.get("webhooks").string_or("main", "").ends_with(one.url_path()))
            << name;
    }
    EXPECT_EQ(status(one.url_path(), R"({"account":"north"})"), 202);
    EXPECT_EQ(status(one.url_path(), R"({"account":"south-2"})"), 202);
    EXPECT_EQ(status(one.url_path(), R"({"account":"south-1"})"), 202);
    EXPECT_EQ(status(one.url_path(), R"({"account":"west"})"), 202);
    EXPECT_EQ(accepted(), "north-1 south-2 south-1 east");
}

TEST_F(endpoint_access_test, what_is_nobodys_gets_the_404_of_an_address_that_is_not_there) {
    serve(shared);
    const std::string path = addresses("main").front().url_path();
    const net::http_response none = send(request("/hooks/none", "{}"));
    ASSERT_EQ(none.status, 404);
    for (const char* const body : {R"({"account":"nobody"})", R"({"account":"south"})",
                                   R"({"account":null})", R"({"account":["north"]})", "{}"}) {
        const net::http_response answer = send(request(path, body));
        EXPECT_EQ(answer.status, 404) << body;
        EXPECT_EQ(answer.body, none.body) << body;
    }
    EXPECT_EQ(trigger_->unrouted(), 5u);
    EXPECT_EQ(accepted(), "");
    EXPECT_EQ(calls_.calls().size(), 0u) << "nothing of anybody's was asked";
}

TEST_F(endpoint_access_test, the_signature_is_that_of_the_instance_that_was_chosen) {
    serve(shared);
    const std::string path = addresses("main").front().url_path();
    EXPECT_EQ(status(path, R"({"account":"north"})"), 202);
    const json::value asked = json::parse(calls_.calls().front().second.request.input_json).value();
    EXPECT_EQ(asked.string_or("secret", ""), "KEY_north-1");
    calls_.on("app.verify", {{"", base::error_code::auth}});
    EXPECT_EQ(status(path, R"({"account":"south-1"})"), 401);
    EXPECT_EQ(accepted(), "north-1");
}

TEST_F(endpoint_access_test, no_secret_of_who_was_chosen_is_kept_from_a_header) {
    serve(shared);
    net::http_request proven =
        request(addresses("main").front().url_path(), R"({"account":"north"})");
    proven.headers.add("x-token", "KEY_north-1");
    EXPECT_EQ(send(proven).status, 202);
    const auto kept = store_->payload(store_->history({})->front().id);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->find("KEY_north-1"), std::string::npos) << *kept;
    EXPECT_NE(kept->find("x-token"), std::string::npos) << *kept;
}

TEST_F(endpoint_access_test, forged_requests_in_one_name_do_not_shut_the_address_for_others) {
    serve(shared);
    const std::string path = addresses("main").front().url_path();
    calls_.on("app.verify", {{"", base::error_code::auth}});
    int last = 0;
    for (int i = 0; i < 70; ++i)
        last = status(path, R"({"account":"north"})");
    EXPECT_EQ(last, 429);
    EXPECT_EQ(status(path, R"({"account":"south-1"})"), 401) << "still looked at";
}

TEST_F(endpoint_access_test, a_key_is_wanted_before_the_body_is_read) {
    serve("{ keys: required }");
    const std::string north = path_of("north-1");
    const auto refused = trigger_->on_head(request(north, ""));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401);
    EXPECT_EQ(refused->headers.get("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(status(path_of("north-1", "open"), "{}"), 202) << "the flow wants none";

    const std::string key = new_key("north-1");
    EXPECT_TRUE(key.starts_with("slk_"));
    EXPECT_EQ(status(north, "{}", key), 202);
    net::http_request with_bearer = request(north, "{}");
    with_bearer.headers.add("Authorization", "Bearer " + key);
    EXPECT_EQ(send(with_bearer).status, 202);
    EXPECT_EQ(status(north, "{}", key + "x"), 401);
    EXPECT_EQ(status(north, "{}", key.substr(4)), 401);
    EXPECT_EQ(status(path_of("south-1"), "{}", key), 401) << "it is another instance's";
    EXPECT_EQ(accepted(), "north-1 north-1 north-1");
}

TEST_F(endpoint_access_test, keys_rotate_without_a_gap) {
    serve("{ keys: required }");
    const std::string path = path_of("north-1");
    std::string old_id;
    const std::string old_key = new_key("north-1", &old_id);
    const std::string fresh = new_key("north-1");
    EXPECT_EQ(status(path, "{}", old_key), 202);
    EXPECT_EQ(status(path, "{}", fresh), 202);
    revoke("north-1", old_id);
    EXPECT_EQ(status(path, "{}", old_key), 401);
    EXPECT_EQ(status(path, "{}", fresh), 202);
    EXPECT_EQ(keys_->of("north-1").size(), 1u);
}

TEST_F(endpoint_access_test, optional_keys_are_wanted_once_there_is_one) {
    serve("{ keys: optional }");
    EXPECT_EQ(status(path_of("north-1"), "{}"), 202);
    const std::string key = new_key("north-1");
    EXPECT_EQ(status(path_of("north-1"), "{}"), 401);
    EXPECT_EQ(status(path_of("north-1"), "{}", key), 202);
    EXPECT_EQ(status(path_of("south-1"), "{}"), 202) << "this one has none";
}

TEST_F(endpoint_access_test, at_a_shared_address_the_key_is_that_of_the_instance) {
    serve("{ scope: shared, route: .body.account, keys: required }");
    const std::string path = addresses("main").front().url_path();
    const std::string north = new_key("north-1");
    const auto refused = trigger_->on_head(request(path, ""));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 401);
    EXPECT_EQ(status(path, R"({"account":"north"})", north), 202);
    EXPECT_EQ(status(path, R"({"account":"south-1"})", north), 401);
    EXPECT_EQ(accepted(), "north-1");
}

TEST_F(endpoint_access_test, keys_are_kept_as_digests_and_read_again) {
    serve("{ keys: required }");
    const std::string key = new_key("north-1");
    const auto records = store_->config(instance::endpoint_key_kind).value();
    ASSERT_EQ(records.size(), 1u);
    EXPECT_TRUE(records[0].key.starts_with("north-1/k"));
    EXPECT_EQ(records[0].value_json.find(key.substr(4)), std::string::npos);
    instance::endpoint_keys again(instance::digest_ports{loop_, random_, *store_, at_once}, clock_,
                                  ids_);
    ASSERT_TRUE(again.open());
    EXPECT_EQ(again.instance_of(key), "north-1");
    EXPECT_EQ(again.of("north-1").size(), 1u);
    again.forget("north-1");
    EXPECT_EQ(again.instance_of(key), "");
    EXPECT_FALSE(again.has_any("north-1"));
}

TEST_F(endpoint_access_test, a_preprocess_flow_chooses_behind_the_route) {
    serve("{ scope: shared, route: .body.account, preprocess: pick }", std::string(flows) + R"(
  pick:
    trigger: { preprocess: {} }
    do: [ { c: { set: { flow: "${ .body.flow }" } } } ]
)");
    ASSERT_EQ(deployments_->endpoints().size(), 1u);
    const std::string path = addresses("pick").front().url_path();
    EXPECT_EQ(status(path, R"({"account":"north","flow":"open"})"), 202);
    EXPECT_EQ(status(path, R"({"account":"west","flow":"main"})"), 202);
    EXPECT_EQ(status(path, R"({"account":"west","flow":"gone"})"), 422);
    EXPECT_EQ(accepted(), "north-1 east");
}

}  // namespace
}  // namespace sluice::trigger
