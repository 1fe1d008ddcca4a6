// An integration with alerts, and what is told and kept of them.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "engine/alerts.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {

inline std::string alerting_manifest(const std::string& url, const std::string& version = "1.0.0") {
    return R"(manifest: "1"
integration: { namespace: test, name: orders, version: )" +
           version + R"( }
connectors: { app: "*" }
config: { key: { type: secret }, to: { type: string } }
flows:
  import: { trigger: { webhook: {} }, do: [ { save: { call: app.save } } ] }
  check: { trigger: { webhook: {} }, do: [ { a: { if: "${ .bad }", raise: { error: { type: "urn:bad", status: 400, title: Bad, detail: "${ .said }" } } } } ] }
  parent: { trigger: { webhook: {} }, do: [ { b: { try: [ { r: { run: { workflow: { name: child } } } } ], catch: { errors: { with: { status: 404 } } } } } ] }
  child: { trigger: { call: {} }, do: [ { c: { call: app.child } } ] }
  quiet: { trigger: { webhook: {} }, do: [ { d: { call: app.quiet } } ] }
alerts:
  broken: { on: failure, flows: [ import, check, parent, child ], url: )" +
           url + R"(, secret: { $ref: config.key } }
  late: { on: { overdue: { after: PT1H } }, flows: [ import ], url: )" +
           url + R"(, secret: { $ref: config.key } }
)";
}
inline const char* const to_ops = "\"http://ops/alerts\"";

class alert_test : public testing::Test {
  protected:
    void SetUp() override {
        world_.settings->secrets["key"] = "whsec_" + base::to_base64("the key");
        world_.settings->instance_info = json::value::object({{"id", "one"}, {"customer", "acme"}});
    }
    store::event_id send(const char* flow = "import") { return world_.send(flow, "{}"); }
    void fail(const char* function = "app.save") {
        world_.calls.on(function, {{"", base::error_code::not_found, 404}});
    }
    void mend(const char* function = "app.save") { world_.calls.on(function, {{"{}"}}); }
    std::vector<store::config_record> raised() {
        return world_.store->config(store::alert_kind).value();
    }
    std::vector<json::value> told() {
        std::vector<json::value> out;
        for (const net::client_request& one : world_.http.requests)
            out.push_back(json::parse(one.body).value());
        return out;
    }
    std::set<std::string> message_ids() {
        std::set<std::string> out;
        for (const net::client_request& one : world_.http.requests)
            out.insert(std::string(one.headers.get("webhook-id")));
        return out;
    }
    std::vector<store::execution_summary> deliveries() {
        std::vector<store::execution_summary> out;
        const auto all = world_.store->history({}).value();
        for (const store::execution_summary& one : all) {
            if (one.kind == "alert") out.push_back(one);
        }
        return out;
    }

    engine_world world_{alerting_manifest(to_ops)};
};

}  // namespace sluice::engine
