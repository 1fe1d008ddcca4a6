// What a picklist offers: asked of the connector, with values that are not set yet.
#include "instance/option_lists.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base_testing.hpp"
#include "base/manual_loop.hpp"
#include "base/random.hpp"
#include "engine/engine_testing.hpp"
#include "instance/bind.hpp"
#include "instance/documents.hpp"
#include "json/text.hpp"
#include "manifest/config_option.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::instance {
namespace {

using testing::HasSubstr;

constexpr const char* integration = R"(manifest: "1"
integration: { namespace: test, name: lists, version: 1.0.0 }
connectors: { crm: "*" }
connections: { crm: { connector: crm, type: key } }
config:
  key: { type: secret }
  region: { type: picklist, options: [ { value: eu, label: Europe }, us ] }
  size: { type: integer, minimum: 1 }
  table:
    type: picklist
    source:
      call: crm.tables
      with: { connection: crm, in: "${ $config.region }", key: { $ref: config.key } }
      as: "[.found[] | select(.size >= ($config.size // 0)) | {value: .id, label: .name}]"
  bare: { type: picklist, source: { call: crm.names, with: { connection: crm } } }
flows:
  main: { trigger: { call: {} }, do: [ { a: { set: { x: 1 } } } ] }
)";

class option_lists_test : public testing::Test {
  protected:
    option_lists_test() {
        store::sqlite_options settings;
        settings.folder = folder.path() / "data";
        settings.clock = &clock;
        settings.disk.reserve_bytes = 0;
        store = std::move(store::open_sqlite_store(std::move(settings)).value());
        lists = std::make_unique<option_lists>(option_ports{clock, ids, *store, calls});
        const read_documents given =
            read({{"lists.yaml", integration},
                  {"acme.yaml",
                   "instance: acme\ncustomer: acme\nintegration: test/lists\n"
                   "config: { key: the-secret-key }\n"
                   "connections: { crm: { type: key, token: the-token-text } }\n"}},
                 file_references::absolute_only);
        for (const base::error& one : given.problems)
            ADD_FAILURE() << one.to_text();
        const auto bound = bind_flows(
            given.instances.at(0), given.integrations.begin()->second, owner_map(),
            [](const std::string&) { return std::optional<std::string>(); }, {},
            json::value::object());
        flow = bound->at("main");
    }

    // "value=label,..." or "code: message".
    std::string list(const std::string& variable, const std::string& values = "{}") {
        std::string told = "nothing";
        lists->list(flow, variable, json::parse(values).value(),
                    [&](base::result<option_lists::options> found) {
                        told.clear();
                        if (!found) {
                            told = std::string(base::to_string(found.error_value().code)) + ": " +
                                   found.error_value().message;
                            return;
                        }
                        for (const auto& one : *found)
                            told += json::to_text(one.value) + "=" + one.label + ",";
                    });
        loop.run_ready();
        return told;
    }

    base::temporary_folder folder;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    base::seeded_random random{7};
    base::id_generator ids{clock, random};
    engine::scripted_calls calls{loop, clock};
    std::unique_ptr<store::store> store;
    std::unique_ptr<option_lists> lists;
    flow_ptr flow;
};

TEST_F(option_lists_test, of_the_manifest_are_given_as_they_are) {
    EXPECT_EQ(list("region"), R"("eu"=Europe,"us"=us,)");
    EXPECT_TRUE(calls.calls().empty());
}

TEST_F(option_lists_test, are_asked_of_the_connector_with_values_that_are_not_set_yet) {
    calls.on("crm.tables", {{R"({"found":[{"id":"a","name":"A","size":1},
        {"id":"b","name":"B","size":5},{"id":"b","name":"again","size":9}]})"}});
    EXPECT_EQ(list("table", R"({"region":"eu","size":2})"), R"("b"=B,)");
    const auto& request = calls.calls().at(0).second.request;
    EXPECT_EQ(request.input_json, R"({"in":"eu","key":"the-secret-key"})");
    EXPECT_THAT(request.connection_json, HasSubstr("the-token-text"));
    EXPECT_EQ(calls.dropped, 1);
}

TEST_F(option_lists_test, say_what_they_depend_on) {
    EXPECT_EQ(list("table"), "conflict: the options depend on region, which has no value yet");
    EXPECT_THAT(list("table", R"({"region":"asia"})"), HasSubstr("invalid_input: values.region"));
    EXPECT_EQ(list("table", R"({"regoin":"eu"})"), "invalid_input: there is no variable regoin");
    EXPECT_THAT(list("table", R"({"key":"x"})"), HasSubstr("is a secret"));
    EXPECT_EQ(list("tabel"), "not_found: there is no variable tabel");
    EXPECT_EQ(list("size"), "conflict: size is no picklist");
    EXPECT_TRUE(calls.calls().empty());
}

TEST_F(option_lists_test, that_are_none_are_told_as_the_connectors_failure) {
    calls.on("crm.names", {{R"(["x", 5, {"value":true,"label":"yes"}])"}});
    EXPECT_EQ(list("bare"), R"("x"=x,5=5,true=yes,)");
    calls.on("crm.names", {{R"({"names":[]})"}});
    EXPECT_EQ(list("bare"), "unavailable: crm.names: options must be a list, not an object");
    calls.on("crm.names", {{R"(["x", null])"}});
    EXPECT_THAT(list("bare"), HasSubstr("option 2: an option must be text"));
    calls.on("crm.names", {{"", base::error_code::not_found, 404, 0}});
    EXPECT_EQ(list("bare"), "unavailable: crm.names: scripted failure");
    calls.on("crm.names", {{R"(["the-token-text"])"}});
    EXPECT_EQ(list("bare"), R"("[redacted]"=[redacted],)");
}

}  // namespace
}  // namespace sluice::instance
