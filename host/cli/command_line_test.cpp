// The commands as a person types them: exit codes, what is printed, what is refused.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

struct printed {
    int code = 0;
    std::string out;
    std::string err;
};

printed run(std::vector<std::string> words) {
    words.insert(words.begin(), "sluice");
    std::vector<const char*> argv;
    for (const std::string& word : words)
        argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    printed result;
    result.code = run_command_line(static_cast<int>(argv.size()), argv.data());
    std::fflush(stdout);
    result.out = testing::internal::GetCapturedStdout();
    result.err = testing::internal::GetCapturedStderr();
    return result;
}

class command_line : public testing::Test {
  protected:
    std::string write(const std::string& name, const std::string& content) {
        const std::filesystem::path file = folder_.path() / name;
        std::ofstream(file) << content;
        return file.string();
    }
    std::string path(const std::string& name) { return (folder_.path() / name).string(); }

    base::temporary_folder folder_;
};

const char* const good = R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: test, name: small, version: 1.0.0 }
connectors: { app: "*" }
flows:
  f:
    trigger: { webhook: {} }
    do:
      - guarded:
          try: [ { save: { call: app.save, with: { n: "${ .body.n + 1 }" } } } ]
          catch: { retry: { delay: { milliseconds: 1 }, limit: { attempt: { count: 1 } } } }
)";

TEST_F(command_line, help_and_version_are_not_errors_and_nonsense_is_a_usage_error) {
    EXPECT_EQ(run({"--help"}).code, exit_ok);
    EXPECT_EQ(run({"--version"}).out, "sluice 0.1.0\n");
    EXPECT_EQ(run({}).code, exit_usage);
    EXPECT_EQ(run({"serve"}).code, exit_usage);
    EXPECT_EQ(run({"execution", "list", "--data", path("x"), "--state", "odd"}).code, exit_usage);
}

TEST_F(command_line, every_command_has_help_with_an_example) {
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"serve"},
                                               {"connector", "list"},
                                               {"connector", "show"},
                                               {"connector", "check"},
                                               {"check"},
                                               {"run"},
                                               {"execution", "list"},
                                               {"execution", "show"},
                                               {"alert", "list"},
                                               {"endpoint", "list"},
                                               {"instance", "list"},
                                               {"instance", "show"},
                                               {"new", "connector"}}) {
        std::vector<std::string> asked = words;
        asked.emplace_back("--help");
        const printed help = run(asked);
        EXPECT_EQ(help.code, exit_ok);
        EXPECT_NE(help.out.find("Example"), std::string::npos) << words.back();
    }
}

TEST_F(command_line, check_reports_every_problem_with_its_place) {
    const std::string file = write("bad.yaml", R"(manifest: "1"
integration: { namespace: test, name: bad, version: 1.0.0 }
connectors: { app: "*" }
flows:
  f:
    trigger: { webhook: {} }
    do:
      - one: { call: ap.save }
      - two: { set: "${ .a | nothing }" }
)");
    const printed text = run({"check", file});
    EXPECT_EQ(text.code, exit_refused);
    EXPECT_NE(text.out.find("bad.yaml:8:"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("bad.yaml:9:"), std::string::npos) << text.out;
    EXPECT_NE(text.out.find("  8 |       - one: { call: ap.save }\n    |                      ^\n"),
              std::string::npos)
        << text.out;
    const printed programs = run({"check", file, "--json"});
    const base::result<json::value> parsed = json::parse(programs.out);
    ASSERT_TRUE(parsed) << programs.out;
    EXPECT_EQ(parsed->get("problems").size(), 2u);
    EXPECT_EQ(parsed->get("problems").at(0).int_or("line", 0), 8);
}

TEST_F(command_line, check_says_when_all_is_well_and_when_a_connector_is_missing) {
    const std::string file = write("good.yaml", good);
    EXPECT_EQ(run({"check", file}).code, exit_ok);
    std::filesystem::create_directory(path("plugins"));
    const printed refused = run({"check", file, "--plugins", path("plugins")});
    EXPECT_EQ(refused.code, exit_refused);
    EXPECT_NE(refused.out.find("\"app\""), std::string::npos) << refused.out;
}

TEST_F(command_line, run_shows_each_step_and_uses_mocks_in_turn) {
    const std::string manifest = write("good.yaml", good);
    const std::string input = write("event.json", R"({"body":{"n":1}})");
    const std::string mocks = write("mock.yaml", R"(app.save:
  - error: { code: unavailable, status: 503, message: down }
  - output: { saved: true }
)");
    const printed result = run({"run", manifest, "f", "--input", input, "--mock", mocks, "--json"});
    EXPECT_EQ(result.code, exit_ok) << result.err;
    const base::result<json::value> parsed = json::parse(result.out);
    ASSERT_TRUE(parsed) << result.out;
    EXPECT_EQ(parsed->string_or("state", ""), "succeeded");
    ASSERT_EQ(parsed->get("steps").size(), 2u);
    EXPECT_FALSE(parsed->get("steps").at(0).bool_or("ok", true));
    EXPECT_EQ(json::to_text(parsed->get("steps").at(1).get("input")), R"({"n":2})");
    EXPECT_TRUE(parsed->get("output").bool_or("saved", false));
}

TEST_F(command_line, run_without_a_mock_says_what_to_do) {
    const std::string manifest = write("good.yaml", good);
    const std::string input = write("event.json", R"({"body":{"n":1}})");
    const printed result = run({"run", manifest, "f", "--input", input});
    EXPECT_EQ(result.code, exit_refused);
    EXPECT_NE(result.err.find("no mock for \"app.save\" (add one"), std::string::npos)
        << result.err;
    const printed unknown = run({"run", manifest, "g", "--input", input});
    EXPECT_EQ(unknown.code, exit_refused);
    EXPECT_NE(unknown.err.find("it has: f"), std::string::npos) << unknown.err;
    const printed broken = run({"run", manifest, "f", "--input", write("broken.json", "{")});
    EXPECT_EQ(broken.code, exit_refused);
    EXPECT_NE(broken.err.find("broken.json:1:"), std::string::npos) << broken.err;
}

TEST_F(command_line, run_asks_for_the_input_only_of_a_flow_that_needs_it) {
    const std::string manifest = write("flows.yaml", R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: acme, name: inputs, version: 1.0.0 }
flows:
  hooked: { trigger: { webhook: {} }, do: [ { a: { set: { b: 1 } } } ] }
  timed: { trigger: { schedule: { every: PT1H } }, do: [ { a: { set: { b: 1 } } } ] }
)");
    const printed unknown = run({"run", manifest, "nope"});
    EXPECT_EQ(unknown.code, exit_refused);
    EXPECT_NE(unknown.err.find("there is no flow \"nope\""), std::string::npos) << unknown.err;
    const printed hooked = run({"run", manifest, "hooked"});
    EXPECT_EQ(hooked.code, exit_usage);
    EXPECT_NE(hooked.err.find("--input is missing"), std::string::npos) << hooked.err;
    EXPECT_EQ(run({"run", manifest, "timed"}).code, exit_ok);
}

TEST_F(command_line, executions_of_a_folder_without_store_are_an_error_of_the_machine) {
    const printed result = run({"execution", "list", "--data", path("nothing")});
    EXPECT_EQ(result.code, exit_environment);
    EXPECT_FALSE(std::filesystem::exists(path("nothing"))) << "looking must not create";
    EXPECT_EQ(run({"execution", "show", "what", "--data", path("nothing")}).code, exit_usage);
}

TEST_F(command_line, a_plugins_folder_with_a_file_that_is_no_library_names_it) {
    std::filesystem::create_directory(path("plugins"));
    write("plugins/text.so", "not a library");
    const printed list = run({"connector", "list", "--plugins", path("plugins")});
    EXPECT_EQ(list.code, exit_ok);
    EXPECT_NE(list.out.find("text.so"), std::string::npos) << list.out;
    const printed check = run({"connector", "check", path("plugins/text.so"), "--json"});
    EXPECT_EQ(check.code, exit_refused);
    const base::result<json::value> parsed = json::parse(check.out);
    ASSERT_TRUE(parsed) << check.out;
    EXPECT_FALSE(parsed->bool_or("passed", true));
    const json::value& first = parsed->get("tests").items()[0].get("findings").items()[0];
    EXPECT_FALSE(first.string_or("message", "").empty()) << check.out;
    EXPECT_FALSE(first.string_or("nextStep", "").empty()) << check.out;
    // Also when the test that was asked for cannot run, or every test is switched off.
    const printed only =
        run({"connector", "check", path("plugins/text.so"), "--only", "cancel", "--only-failed"});
    EXPECT_EQ(only.code, exit_refused);
    EXPECT_NE(only.out.find("FAIL     descriptor"), std::string::npos) << only.out;
    write("off.json", R"({"descriptor": "it is known", "symbols": "likewise"})");
    const printed off =
        run({"connector", "check", path("plugins/text.so"), "--exceptions", path("off.json")});
    EXPECT_EQ(off.code, exit_refused);
    EXPECT_NE(off.out.find("off      symbols: likewise"), std::string::npos) << off.out;
    write("off.json", R"({"nobody": "it is known"})");
    EXPECT_EQ(
        run({"connector", "check", path("plugins/text.so"), "--exceptions", path("off.json")}).code,
        exit_usage);
}

TEST_F(command_line, a_check_of_what_is_no_file_says_so_and_nothing_else) {
    for (const bool quick : {false, true}) {
        std::vector<std::string> words = {"connector", "check", path("mistyped.so")};
        if (quick) words.push_back("--quick");
        const printed missing = run(words);
        EXPECT_EQ(missing.code, exit_refused);
        EXPECT_NE(missing.err.find("mistyped.so is not there"), std::string::npos) << missing.err;
        EXPECT_EQ(missing.out, "");
        words[2] = path(".");
        EXPECT_NE(run(words).err.find(" is no file"), std::string::npos);
    }
    EXPECT_EQ(run({"connector", "check", path("x.so"), "--quick", "--only", "fuzz"}).code,
              exit_usage);
}

TEST_F(command_line, new_connector_fills_the_template_and_never_overwrites) {
    std::filesystem::create_directory(path("template"));
    write("template/@IDENT@.cpp", "class @IDENT@; // @NAME@ is @TITLE@");
    const std::vector<std::string> words = {"new",        "connector",  "acme-crm",      "--folder",
                                            path("made"), "--template", path("template")};
    EXPECT_EQ(run(words).code, exit_ok);
    const base::result<std::string> made = base::read_file(path("made/acme_crm.cpp"));
    ASSERT_TRUE(made);
    EXPECT_EQ(*made, "class acme_crm; // acme-crm is Acme crm");
    EXPECT_EQ(run(words).code, exit_refused);
    EXPECT_EQ(run({"new", "connector", "Bad Name", "--folder", path("other")}).code, exit_refused);
    EXPECT_FALSE(std::filesystem::exists(path("other")));
}

TEST_F(command_line, serve_refuses_bad_files_before_it_listens) {
    std::filesystem::create_directory(path("plugins"));
    const std::string file = write("bad.yaml", "manifest: \"1\"\nintegration: { name: x }\n");
    const printed result =
        run({"serve", "--data", path("data"), "--plugins", path("plugins"), "--apply", file,
             "--listen", "127.0.0.1:0", "--disk-reserve-mb", "1"});
    EXPECT_EQ(result.code, exit_refused);
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("bad.yaml:2:"), std::string::npos) << result.err;
    const printed address = run({"serve", "--data", path("data"), "--plugins", path("plugins"),
                                 "--listen", "nowhere", "--disk-reserve-mb", "1"});
    EXPECT_EQ(address.code, exit_usage);
    EXPECT_NE(address.err.find("HOST:PORT"), std::string::npos) << address.err;
}

TEST_F(command_line, serve_refuses_wrong_options_before_it_touches_the_disk) {
    std::filesystem::create_directory(path("plugins"));
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
             {"--listen", "nonsense"},
             {"--listen", "127.0.0.1:0", "--master-key-env", "X", "--master-key-file", "y"},
             {"--listen", "127.0.0.1:0", "--allow-egress", "1.2.3.4/99"}}) {
        std::vector<std::string> words = {"serve",     "--data",        path("data"),
                                          "--plugins", path("plugins"), "--disk-reserve-mb",
                                          "1"};
        words.insert(words.end(), wrong.begin(), wrong.end());
        const printed result = run(words);
        EXPECT_EQ(result.code, exit_usage) << result.err;
        EXPECT_FALSE(std::filesystem::exists(path("data")));
    }
}

}  // namespace
}  // namespace sluice::cli
