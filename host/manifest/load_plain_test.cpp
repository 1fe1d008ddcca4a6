// Documents of the specification without an envelope.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::manifest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class plain : public testing::Test {
  protected:
    std::filesystem::path write(const std::string& name, const std::string& text) {
        const std::filesystem::path file = folder_.path() / name;
        EXPECT_TRUE(base::write_file(file, text));
        return file;
    }

    static std::string head(const std::string& name, const std::string& version = "1.0.0") {
        return "document: { dsl: '1.0.3', namespace: default, name: " + name + ", version: '" +
               version + "' }\n";
    }

    // Messages of all problems; the text is that of a document called "main".
    std::string problems(const std::string& text) {
        std::string all;
        for (const base::error& each : load_plain(write("main.yaml", text)).problems) {
            all +=
                (all.empty() ? "" : "\n") + std::to_string(each.where->line) + ": " + each.message;
        }
        return all;
    }

    base::temporary_folder folder_;
};

TEST_F(plain, becomes_an_integration_of_one_flow) {
    const auto made = load_plain(write("main.yaml", head("main") + R"(use: { secrets: [a] }
input: { schema: { document: { type: object } }, from: .x }
timeout: { after: PT1M }
output: { as: .y }
schedule: { every: PT1S }
evaluate: { language: jq, mode: strict }
do:
  - a: { set: { n: 1 }, metadata: { any: thing } }
  - a: { do: [ { a: { set: "${ $input }" } } ] }
  - end: { if: "${ $input.x }", for: { in: .list }, do: [] }
  - s: { switch: [ { c: { when: .x } } ] }
  - b: { set: 1, then: exit }
  - c: { set: 1 }
)"));
    ASSERT_TRUE(made.ok()) << made.problems[0].to_text();
    EXPECT_EQ(made.content->id, "default/main");
    EXPECT_EQ(made.content->version, "1.0.0");
    ASSERT_EQ(made.content->flows.size(), 1u);
    const flow& main = made.content->flows[0];
    EXPECT_EQ(main.name, "main");
    EXPECT_TRUE(std::holds_alternative<call_trigger>(main.trigger));
    EXPECT_EQ(main.tasks[1].reference, "/do/1/a");
    EXPECT_EQ(std::get<do_task>(main.tasks[1].body).tasks[0].reference, "/do/1/a/do/0/a");
    EXPECT_TRUE(main.timeout && main.output_as && main.input_from && main.input_schema);
    ASSERT_EQ(made.warnings.size(), 1u);
    EXPECT_THAT(made.warnings[0].message, HasSubstr("the schedule is not used"));
}

TEST_F(plain, runs_documents_of_its_folder_also_in_circles) {
    const std::string run =
        "do: [ { r: { run: { workflow: { namespace: default, name: other, version: ";
    const auto main = write("main.yaml", head("main") + run + "latest } } } } ]\n");
    write("old.yaml", head("other", "1.9.0") + "do: [ { x: { set: 1 } } ]\n");
    write("new.yml", head("other", "1.10.0") +
                         "do: [ { y: { run: { workflow: { namespace: default, name: main, version: "
                         "'1.0.0' } } } } ]\n");
    write("broken.yaml", "a: [");
    const auto made = load_plain(main);
    ASSERT_TRUE(made.ok()) << made.problems[0].to_text();
    ASSERT_EQ(made.content->flows.size(), 2u);
    EXPECT_EQ(std::get<run_task>(made.content->flows[0].tasks[0].body).flow, "other");
    EXPECT_EQ(made.content->flows[1].tasks[0].name, "y") << "the newest version";
    EXPECT_EQ(std::get<run_task>(made.content->flows[1].tasks[0].body).flow, "main");
    const auto older = load_plain(write("older.yaml", head("o") + run + "'1.9.0' } } } } ]\n"));
    ASSERT_TRUE(older.ok());
    EXPECT_EQ(older.content->flows[1].tasks[0].name, "x");
}

TEST_F(plain, problems_of_other_documents_have_their_own_place) {
    const auto main =
        write("main.yaml", head("main") +
                               "do: [ { r: { run: { workflow: { namespace: default, name: b, "
                               "version: '1.0.0' } } } } ]\n");
    write("b.yaml", head("b") + "do: [ { x: { sett: 1 } } ]\n");
    const auto made = load_plain(main);
    ASSERT_EQ(made.problems.size(), 1u);
    EXPECT_THAT(made.problems[0].where->file, HasSubstr("b.yaml"));
}

TEST_F(plain, tries_every_text_as_an_expression_when_the_mode_is_loose) {
    const auto made = load_plain(write("main.yaml", head("main") + R"(
evaluate: { mode: loose }
do:
  - a: { set: { path: .x.y, sum: 1 + 2, text: see you, fails: .x.y.z, both: "1, 2", strict: "${ .x }" } }
)"));
    ASSERT_TRUE(made.ok()) << made.problems[0].to_text();
    const auto& set = std::get<set_task>(made.content->flows[0].tasks[0].body);
    const std::vector<expression::binding> variables = {
        {"workflow", {}}, {"runtime", {}}, {"context", {}}, {"task", {}}, {"input", {}}};
    const auto content = set.content.evaluate(*json::parse(R"({"x":{"y":"z"}})"), variables);
    ASSERT_TRUE(content) << content.error_value().to_text();
    EXPECT_EQ(json::to_text(*content),
              R"({"path":"z","sum":3,"text":"see you","fails":".x.y.z","both":"1, 2",)"
              R"("strict":{"y":"z"}})");
}

TEST_F(plain, may_lack_a_version) {
    write("other.yaml",
          "document: { dsl: 1.0.0, namespace: default, name: other }\ndo: [ { x: { set: 1 } } ]\n");
    const auto made =
        load_plain(write("main.yaml",
                         "document: { dsl: 1.0.0, namespace: default, name: main }\n"
                         "do: [ { r: { run: { workflow: { namespace: default, name: other, "
                         "version: latest } } } } ]\n"));
    ASSERT_TRUE(made.ok()) << made.problems[0].to_text();
    EXPECT_EQ(made.content->version, "");
    EXPECT_EQ(made.content->flows.size(), 2u);
    EXPECT_EQ(problems("document: { dsl: 1.0.0, namespace: d, name: main, version: 1 }\ndo: []\n"),
              "1: version must be text, not a number");
    EXPECT_EQ(problems(""), "1: the file is empty; a document was expected");
}

TEST_F(plain, refuses_by_name_what_is_not_there) {
    EXPECT_EQ(problems("do: []\n"),
              "1: this is no document of the specification: `document` is missing");
    EXPECT_EQ(
        problems("document: { dsl: 2.0.0, namespace: d, name: n_n, version: 1.0.0 }\ndo: []\n"),
        "1: version 2.0.0 of the specification is not supported\n1: \"n_n\" is not a name");
    const auto with = [&](const std::string& rest) { return problems(head("main") + rest); };
    EXPECT_EQ(with("evaluate: { language: js }\ndo: []\n"),
              "2: expressions in js are not supported");
    EXPECT_EQ(with("evaluate: { mode: lax }\ndo: [ { a: { set: {} } } ]\n").substr(0, 3), "2: ");
    EXPECT_EQ(
        with("do: [ { a: { call: github.createIssue } } ]\n"),
        "2: there is no function \"github.createIssue\"; a document of the specification calls "
        "http, openapi and its own functions");
    EXPECT_EQ(with("do: [ { a: { call: state.get, with: { key: a } } } ]\n"),
              "2: there is no function \"state.get\"; a document of the specification calls http, "
              "openapi and its own functions");
    EXPECT_EQ(
        with("do: [ { a: { run: { workflow: { namespace: d, name: n, version: 2.0.0 } } } } ]\n"),
        "2: no document in this folder is the workflow d/n of version 2.0.0");
    EXPECT_EQ(with("do: [ { a: { run: { container: { image: x } } } } ]\n"),
              "2: containers are not run by this host");
    EXPECT_THAT(with("do: [ { a: { set: \"${ $secrets.x }\" } } ]\n"),
                HasSubstr("unknown variable $secrets"));
}

TEST_F(plain, knows_the_words_of_the_specification) {
    const auto made = load_plain(write("main.yaml", head("main") + R"(use:
  authentications: { basic: { basic: { username: "${ .u }", password: "${ .p }" } } }
  errors: { bad: { type: "https://x.test/bad", status: 400 } }
  retries: { often: { delay: { seconds: 1 }, backoff: { linear: {} }, limit: { attempt: { count: 2 } } } }
  timeouts: { soon: { after: PT1S } }
timeout: soon
do:
  - get:
      call: http
      with:
        method: get
        endpoint: { uri: "${ .address }", authentication: { use: basic } }
        headers: { a: "${ $authorization.parameter }" }
      timeout: soon
  - t:
      try: [ { r: { raise: { error: bad } } } ]
      catch: { errors: { with: { details: x } }, retry: often }
  - text: { set: { a: "n ${ .b }", $ref: "#/x" } }
)"));
    ASSERT_TRUE(made.ok()) << made.problems[0].to_text();
    const task_list& tasks = made.content->flows[0].tasks;
    EXPECT_EQ(std::get<http_task>(tasks[0].body).proof.type, authentication::kind::basic);
    EXPECT_EQ(std::get<try_task>(tasks[1].body).filter.detail, "x");
    ASSERT_EQ(made.warnings.size(), 1u);
    EXPECT_THAT(made.warnings[0].message, HasSubstr("inside longer text is not evaluated"));
}

TEST_F(plain, names_the_secrets_that_its_authentications_use) {
    const auto made = load_plain(write("main.yaml", head("main") + R"(use:
  secrets: [ used, spare ]
  authentications: { api: { basic: { use: used } } }
do:
  - get: { call: http, with: { method: get, endpoint: { uri: "https://x.test", authentication: { use: api } } } }
)"));
    ASSERT_TRUE(made.ok()) << made.problems[0].to_text();
    EXPECT_THAT(made.content->named_secrets, ElementsAre("used"));
    EXPECT_EQ(problems(head("main") + R"(use: { secrets: [ used ] }
do:
  - get: { call: http, with: { method: get, endpoint: { uri: "https://x.test", authentication: { digest: { use: other } } } } }
)"),
              "4: there is no secret \"other\"");
}

TEST_F(plain, is_told_apart_from_manifests) {
    const auto kind = kind_of_file(write("main.yaml", head("main") + "do: []\n"));
    ASSERT_TRUE(kind);
    EXPECT_EQ(*kind, file_kind::plain);
}

}  // namespace
}  // namespace sluice::manifest
