// Tests that run the connector: each in a child, some at the same time.
#include <list>
#include <optional>
#include <system_error>

#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "json/schema.hpp"
#include "json/text.hpp"
#include "plugin/check.hpp"
#include "plugin/full_check.hpp"

namespace sluice::plugin {

namespace {

constexpr std::size_t longest_file = 4u << 20;
constexpr std::int64_t look_every_ms = 5;
// Of a test's time; the rest is for a last case that is slow, and for a busy machine.
constexpr std::int64_t part_for_trying = 6;

struct running_test {
    std::size_t place;  // among the names
    base::child_process child;
    std::int64_t begun_ns;
};

std::filesystem::path file_of(const full_check_options& options, std::string_view test,
                              const char* ending) {
    return options.folder / (std::string(test) + ending);
}

std::string content_of(const std::filesystem::path& file) {
    const auto read = base::read_file(file, longest_file);
    return read ? *read : std::string();
}

// What the action gives back is what its descriptor promises.
void judge_result(check_test& test, const json::value& actions, const json::value& line) {
    const std::string action = line.string_or("action", "");
    const json::value& schema = actions.get(action).get("output");
    if (!schema.is_object()) return;
    const auto compiled = json::schema::compile(schema);
    if (!compiled) return;  // a finding of `descriptor`
    const auto violations = compiled->validate(line.get("output"));
    if (violations.empty()) return;
    const std::string message = "action `" + action + "`: its result does not fit its output " +
                                "schema: " + json::explain(violations.front());
    for (const check_finding& known : test.findings) {
        if (known.message == message) return;
    }
    test.findings.push_back({true, message, "Correct the schema, or what the action gives back.",
                             line.string_or("doing", "")});
}

// Whether the test has come to its end.
bool read_findings(check_test& test, const full_check_options& options) {
    const std::string lines = content_of(file_of(options, test.name, ".findings"));
    const auto descriptor = json::parse(content_of(options.folder / "descriptor.json"));
    bool ended = false;
    for (std::size_t at = 0; at < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', at), lines.size());
        const auto line = json::parse(std::string_view(lines).substr(at, end - at));
        at = end + 1;
        if (!line) continue;
        const std::string kind = line->string_or("kind", "");
        if (kind == "saw") {
            test.saw = line->string_or("message", "");
        } else if (kind == "end") {
            ended = true;
        } else if (kind == "result") {
            if (descriptor) judge_result(test, descriptor->get("actions"), *line);
        } else {
            test.findings.push_back({kind == "failure", line->string_or("message", ""),
                                     line->string_or("next", ""), line->string_or("doing", "")});
        }
    }
    return ended;
}

void fail(check_test& test, const full_check_options& options, std::string message,
          std::string next) {
    std::string doing = content_of(file_of(options, test.name, ".doing"));
    doing.resize(std::min(doing.find('\0'), doing.size()));
    message += it_wrote(content_of(file_of(options, test.name, ".errors")));
    test.findings.push_back({true, std::move(message), std::move(next), std::move(doing)});
}

base::result<base::child_process> start(const std::filesystem::path& file,
                                        const full_check_options& options, std::string_view test) {
    base::process_command command;
    command.argv = {options.self.string(), options.child_argument, file.string()};
    for (std::string& argument : child_arguments(options, test))
        command.argv.push_back(std::move(argument));
    // Memory that glibc keeps for later is not what the connector holds.
    command.environment = {{"GLIBC_TUNABLES", "glibc.malloc.tcache_count=0"},
                           {"ASAN_OPTIONS", "detect_leaks=0:allocator_may_return_null=1"}};
    return base::child_process::start(command, file_of(options, test, ".errors"));
}

check_test finish(std::string_view name, const full_check_options& options,
                  const std::optional<base::process_exit>& exit) {
    check_test test{std::string(name), {}, {}, 0};
    const bool ended = read_findings(test, options);
    if (!exit) {
        fail(test, options,
             "it did not come to an end within " + std::to_string(options.timeout_ms) + " ms",
             "Find out what it waits for; --timeout-s gives a slow machine more time.");
    } else if (exit->code == 3) {
        fail(test, options, "the test could not run to its end", "See what it wrote.");
    } else if (!exit->ok()) {
        fail(test, options, "it ended the process: " + exit->to_text(),
             "A debugger on `--only " + test.name + " --in-process` shows the place.");
    } else if (!ended) {
        fail(test, options, "it ended the process itself (exit code 0)",
             "A connector never calls exit: it would end the host.");
    }
    return test;
}

}  // namespace

check_test read_check_test(const full_check_options& options, std::string_view name) {
    check_test test{std::string(name), {}, {}, 0};
    read_findings(test, options);
    return test;
}

std::vector<std::string> child_arguments(const full_check_options& options, std::string_view test) {
    return {options.folder.string(), std::string(test), std::to_string(options.seed),
            std::to_string(options.timeout_ms / part_for_trying),
            options.round ? std::to_string(*options.round) : std::string()};
}

std::vector<check_test> run_child_tests(const std::filesystem::path& file, base::clock& time,
                                        const full_check_options& options,
                                        const std::vector<std::string_view>& names) {
    std::vector<check_test> tests(names.size());
    std::list<running_test> running;
    std::size_t next = 0;
    while (next < names.size() || !running.empty()) {
        while (next < names.size() && running.size() < std::max(options.at_once, 1u)) {
            const std::size_t place = next++;
            auto child = start(file, options, names[place]);
            if (child) {
                running.push_back({place, std::move(*child), time.steady_ns()});
                continue;
            }
            const base::error& why = child.error_value();
            tests[place] = {std::string(names[place]), {}, {{true, why.message, why.hint, {}}}, 0};
        }
        for (auto at = running.begin(); at != running.end();) {
            // What the connector prints has to go somewhere, or it would wait.
            while (at->child.read_line(0)) {
            }
            const auto exit = at->child.wait(look_every_ms);
            const std::int64_t took_ms = (time.steady_ns() - at->begun_ns) / 1'000'000;
            if (!exit && took_ms < options.timeout_ms) {
                ++at;
                continue;
            }
            tests[at->place] = finish(names[at->place], options, exit);
            tests[at->place].took_ms = took_ms;
            at = running.erase(at);  // kills what is left
        }
    }
    return tests;
}

}  // namespace sluice::plugin
