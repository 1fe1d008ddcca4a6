#include "manifest/problem_text.hpp"

#include <gtest/gtest.h>

#include "base/base_testing.hpp"
#include "base/file.hpp"
#include "manifest/load.hpp"

namespace sluice::manifest {
namespace {

base::error problem_at(int line, int column, std::string message) {
    base::error made =
        base::make_error(base::error_code::invalid_input, std::move(message), "hint");
    made.where = base::source_position{"m.yaml", line, column};
    return made;
}

TEST(problem_text, shows_the_line_and_a_caret) {
    problem_printer printer;
    printer.add_text("m.yaml", "a: 1\n\tb: \"ü\" x\r\n");
    EXPECT_EQ(printer.print("error", problem_at(1, 4, "wrong")),
              "error: m.yaml:1:4: wrong (hint)\n  1 | a: 1\n    |    ^\n");
    EXPECT_EQ(printer.print("warning", problem_at(2, 10, "odd")),
              "warning: m.yaml:2:10: odd (hint)\n  2 | \tb: \"ü\" x\n    | \t       ^\n");
    EXPECT_EQ(printer.print("error", problem_at(9, 1, "gone")), "error: m.yaml:9:1: gone (hint)\n");
}

TEST(problem_text, leaves_out_the_lines_that_expressions_bring) {
    problem_printer printer;
    printer.add_text("m.yaml", "a: ${ . + }\n");
    EXPECT_EQ(printer.print("error", problem_at(1, 10, "unexpected }\n  . + }\n      ^")),
              "error: m.yaml:1:10: unexpected } (hint)\n  1 | a: ${ . + }\n    |          ^\n");
}

TEST(problem_text, cuts_long_lines_and_hides_control_characters) {
    problem_printer printer;
    printer.add_text("m.yaml",
                     std::string(300, 'x') + "y" + std::string(300, 'x') + "\n\x1b[31mred\n");
    const std::string text = printer.print("error", problem_at(1, 301, "far"));
    EXPECT_LT(text.size(), 450u);
    const std::size_t line = text.find("| ") + 2;
    const std::size_t caret = text.find('^') - (text.rfind("| ") + 2);
    EXPECT_EQ(text[line + caret], 'y');
    EXPECT_EQ(printer.print("error", problem_at(2, 2, "red")).find('\x1b'), std::string::npos);
}

TEST(problem_text, golden) {
    base::temporary_folder folder;
    const std::filesystem::path file = folder.path() / "m.yaml";
    ASSERT_TRUE(base::write_file(file, R"(manifest: "1"
integration: { namespace: acme, name: x, version: 1.0.0 }
connectors: { app: ^1.0 }
config: { key: { type: secret } }
use: { timeouts: { never: { after: PT1S } } }
flows:
  main:
    trigger: { call: {} }
    do:
      - one: { call: ap.save, with: { k: "${ $config.key }" } }
      - two:
          set: ${ .a | keyz }
          then: end
      - three: { set: "${ $steps.four }" }
      - four: { set: 1 }
)"));
    problem_printer printer;
    const auto loaded = load_integration(file);
    std::string text;
    for (const base::error& each : loaded.warnings)
        text += printer.print("warning", each);
    for (const base::error& each : loaded.problems)
        text += printer.print("error", each);
    for (std::size_t at; (at = text.find(file.string())) != std::string::npos;)
        text.replace(at, file.string().size(), "m.yaml");
    EXPECT_EQ(text, R"(warning: m.yaml:5:20: nothing uses the timeout "never"
  5 | use: { timeouts: { never: { after: PT1S } } }
    |                    ^
error: m.yaml:10:22: the connector "ap" is not among the manifest's connectors (did you mean "app"?)
  10 |       - one: { call: ap.save, with: { k: "${ $config.key }" } }
     |                      ^
error: m.yaml:10:53: config.key is a secret and cannot be read by an expression (pass it as { $ref: config.key } in `with`)
  10 |       - one: { call: ap.save, with: { k: "${ $config.key }" } }
     |                                                     ^
error: m.yaml:12:24: unknown function keyz/0 (did you mean "keys/0"?)
  12 |           set: ${ .a | keyz }
     |                        ^
error: m.yaml:14:9: nothing leads to the task "three" ("two" before it never goes on to it; name it in a `then`, or leave it out)
  14 |       - three: { set: "${ $steps.four }" }
     |         ^
error: m.yaml:14:33: the task "four" cannot have run before this ($steps holds what the tasks before gave)
  14 |       - three: { set: "${ $steps.four }" }
     |                                 ^
)");
}

}  // namespace
}  // namespace sluice::manifest
