#include "cli/connector_check_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "plugin/check.hpp"
#include "plugin/full_check.hpp"
#include "sluice/check_child.hpp"

namespace sluice::cli {
namespace {

struct check_options {
    std::filesystem::path target;
    bool quick = false;
    bool json = false;
    bool in_process = false;
    std::vector<std::string> only;
    std::uint64_t seed = 1;
    std::int64_t timeout_s = 60;
    unsigned at_once = 0;
    std::optional<std::uint64_t> round;
    bool only_failed = false;
    std::filesystem::path exceptions;
};

base::result<std::filesystem::path> own_program() {
    std::error_code failed;
    std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (!failed) return self;
    return base::make_error(base::error_code::internal,
                            "cannot find this program to start it again: " + failed.message());
}

// A new folder, removed at the end.
class work_folder {
  public:
    work_folder() {
        base::secure_random random;
        std::error_code failed;
        path_ = std::filesystem::temp_directory_path(failed) /
                ("sluice-check-" + base::make_token(random).substr(0, 16));
        made_ = !failed && std::filesystem::create_directory(path_, failed);
    }
    work_folder(const work_folder&) = delete;
    work_folder& operator=(const work_folder&) = delete;
    ~work_folder() {
        std::error_code ignored;
        if (made_) std::filesystem::remove_all(path_, ignored);
    }
    bool made() const { return made_; }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
    bool made_ = false;
};

int check_quickly(const check_options& options, const std::filesystem::path& self) {
    const plugin::check_report report =
        plugin::check_connector(options.target, self, options.timeout_s * 1'000);
    if (options.json) {
        json::value items = json::value::array();
        for (const plugin::check_item& item : report.items) {
            items.push(json::value::object(
                {{"name", item.name}, {"passed", item.passed}, {"detail", item.detail}}));
        }
        print_json(json::value::object({{"file", options.target.string()},
                                        {"accepted", report.accepted},
                                        {"reason", report.reason},
                                        {"nextStep", report.next_step},
                                        {"checks", std::move(items)}}));
        return report.accepted ? exit_ok : exit_refused;
    }
    for (const plugin::check_item& item : report.items) {
        print(std::string(item.passed ? "  ok    " : "  FAIL  ") + item.name +
              (item.detail.empty() ? "" : ": " + item.detail) + '\n');
    }
    if (report.accepted) {
        print("accepted: this host can use " + options.target.string() + '\n');
    } else {
        print("refused: " + report.reason + '\n');
        if (!report.next_step.empty()) print("next: " + report.next_step + '\n');
    }
    return report.accepted ? exit_ok : exit_refused;
}

const char* verdict(const plugin::check_test& test) {
    if (test.failed()) return "FAIL";
    return test.findings.empty() ? "pass" : "warning";
}

// A rule that an action breaks is broken in nearly every test that calls it: people read it once,
// where it was found first. Not so what ended a process, which may have another reason each time.
class repeated_findings {
  public:
    explicit repeated_findings(const std::vector<const plugin::check_test*>& shown) {
        for (const plugin::check_test* test : shown) {
            for (const plugin::check_finding& one : test->findings) {
                if (!names_action(one)) continue;
                std::vector<const plugin::check_test*>& in = found_[one.message];
                if (in.empty()) first_.insert(&one);
                if (in.empty() || in.back() != test) in.push_back(test);
                rules_.insert(rule_of(one));
            }
        }
    }

    bool is_told(const plugin::check_finding& one) const {
        // The mock host tells it again for itself, without a name.
        return names_action(one) ? !first_.contains(&one) : rules_.contains(one.message);
    }
    // Whether what is told stands among the findings of this test itself, with an action's name.
    static bool is_of_this_test(const plugin::check_finding& one, const plugin::check_test& test) {
        return !names_action(one) &&
               std::ranges::any_of(test.findings, [&](const plugin::check_finding& other) {
                   return names_action(other) && rule_of(other) == one.message;
               });
    }
    // Where it was found, too; empty: nowhere.
    std::string others(const plugin::check_finding& one) const {
        const auto found = found_.find(one.message);
        std::string out;
        if (found == found_.end()) return out;
        for (std::size_t i = 1; i < found->second.size(); ++i)
            out += (out.empty() ? "" : ", ") + found->second[i]->name;
        return out;
    }

  private:
    static bool names_action(const plugin::check_finding& one) {
        return one.message.starts_with("action `");
    }
    static std::string rule_of(const plugin::check_finding& one) {
        const std::size_t end = one.message.find("`: ");
        return end == std::string::npos ? one.message : one.message.substr(end + 3);
    }

    std::map<std::string, std::vector<const plugin::check_test*>> found_;  // by message
    std::set<const plugin::check_finding*> first_;
    std::set<std::string> rules_;
};

void print_text(const plugin::check_test& test, const repeated_findings& repeated) {
    std::string line = std::string(verdict(test));
    line.resize(9, ' ');
    line += test.name;
    if (!test.saw.empty()) line += ": " + test.saw;
    print(line + '\n');
    std::size_t elsewhere = 0;
    for (const plugin::check_finding& one : test.findings) {
        if (repeated.is_told(one)) {
            elsewhere += repeated.is_of_this_test(one, test) ? 0 : 1;
            continue;
        }
        print(std::string(one.failure ? "         wrong: " : "         hint: ") + one.message +
              '\n');
        if (!one.doing.empty()) {
            constexpr std::size_t enough = 1'000;
            const bool long_one = one.doing.size() > enough;
            print("           while: " + one.doing.substr(0, enough) +
                  (long_one ? " ... (--json has all of it)" : "") + '\n');
        }
        if (!one.next_step.empty()) print("           next: " + one.next_step + '\n');
        const std::string others = repeated.others(one);
        if (!others.empty()) print("           also in: " + others + '\n');
    }
    if (elsewhere > 0) {
        print("         and " + std::to_string(elsewhere) + " of what a test above has found\n");
    }
}

json::value to_json(const plugin::check_test& test) {
    json::value findings = json::value::array();
    for (const plugin::check_finding& one : test.findings) {
        findings.push(json::value::object({{"severity", one.failure ? "failure" : "warning"},
                                           {"message", one.message},
                                           {"nextStep", one.next_step},
                                           {"while", one.doing}}));
    }
    return json::value::object({{"name", test.name},
                                {"verdict", verdict(test)},
                                {"saw", test.saw},
                                {"tookMs", test.took_ms},
                                {"findings", std::move(findings)}});
}

// Tests that are switched off, and why.
using exception_list = std::vector<std::pair<std::string, std::string>>;

int report(const check_options& options, const std::vector<plugin::check_test>& tests,
           const exception_list& off = {}) {
    if (tests.empty()) {
        print_error(base::make_error(base::error_code::invalid_input, "no test has run",
                                     "see what --only and --exceptions leave of them"));
        return exit_refused;
    }
    std::size_t failed = 0;
    std::size_t warned = 0;
    std::vector<const plugin::check_test*> shown;
    for (const plugin::check_test& test : tests) {
        if (!options.only_failed || test.failed()) shown.push_back(&test);
    }
    const repeated_findings repeated(shown);
    json::value items = json::value::array();
    for (const plugin::check_test& test : tests) {
        failed += test.failed() ? 1 : 0;
        warned += !test.failed() && !test.findings.empty() ? 1 : 0;
        if (options.only_failed && !test.failed()) continue;
        if (options.json) items.push(to_json(test));
        if (!options.json) print_text(test, repeated);
    }
    json::value exceptions = json::value::object();
    for (const auto& [name, reason] : off) {
        exceptions.set(name, reason);
        if (!options.json) print("off      " + name + ": " + reason + '\n');
    }
    if (options.json) {
        print_json(json::value::object({{"file", options.target.string()},
                                        {"passed", failed == 0},
                                        {"seed", static_cast<std::int64_t>(options.seed)},
                                        {"off", std::move(exceptions)},
                                        {"tests", std::move(items)}}));
    } else {
        print(std::to_string(tests.size()) + " tests: " + std::to_string(failed) + " failed, " +
              std::to_string(warned) + " with hints; seed " + std::to_string(options.seed) + '\n');
    }
    return failed == 0 ? exit_ok : exit_refused;
}

// One test in this very process, for debuggers: no timeout, a crash is a crash.
int check_in_process(const check_options& options, const plugin::full_check_options& full) {
    if (options.only.size() != 1) {
        print_error(base::make_error(base::error_code::invalid_input, "--in-process runs one test",
                                     "name it with --only"));
        return exit_usage;
    }
    plugin::full_check_options load_only = full;
    load_only.only = {"load"};
    base::system_clock time;
    if (const auto loaded = plugin::check_fully(options.target, time, load_only);
        loaded.empty() || loaded.front().failed()) {
        return report(options, loaded);
    }
    const std::vector<std::string> settings = plugin::child_arguments(full, options.only.front());
    std::vector<const char*> arguments = {options.target.c_str()};
    for (const std::string& each : settings)
        arguments.push_back(each.c_str());
    const int code = checking::run_test(static_cast<int>(arguments.size()), arguments.data());
    plugin::check_test test = plugin::read_check_test(full, options.only.front());
    if (code != 0) {
        test.findings.push_back({true, "the test could not run to its end", "", {}});
    }
    return report(options, {test});
}

// A JSON object: {"cancel": "reason"}.
base::result<exception_list> read_exceptions(const std::filesystem::path& file) {
    exception_list off;
    if (file.empty()) return off;
    const auto text = base::read_file(file);
    if (!text) return text.error_value();
    const auto content = json::parse(*text);
    if (!content) return content.error_value();
    const bool is_list =
        content->is_object() && std::ranges::all_of(content->members(), [](const auto& one) {
            return one.second.is_string() && !one.second.as_string().empty();
        });
    if (!is_list) {
        return base::make_error(base::error_code::invalid_input,
                                file.string() + " must be an object with a reason for each test",
                                "for example {\"leaks\": \"its library keeps a table\"}");
    }
    for (const auto& [name, reason] : content->members())
        off.emplace_back(name, reason.as_string());
    return off;
}

bool know_all(const std::vector<std::string>& only) {
    std::vector<std::string_view> known = plugin::file_test_names();
    for (const std::string_view name : checking::test_names())
        known.push_back(name);
    for (const std::string& name : only) {
        if (std::ranges::find(known, name) != known.end()) continue;
        std::string all;
        for (const std::string_view each : known)
            all += (all.empty() ? "" : ", ") + std::string(each);
        print_error(base::make_error(base::error_code::invalid_input,
                                     "there is no test \"" + name + "\"", "there are " + all));
        return false;
    }
    return true;
}

int check(const check_options& options) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(options.target, failed)) {
        const bool is_there = std::filesystem::exists(options.target, failed);
        print_error(
            base::make_error(base::error_code::not_found,
                             options.target.string() + (is_there ? " is no file" : " is not there"),
                             "name the connector's library, like build/connectors/my.so"));
        return exit_refused;
    }
    const auto self = own_program();
    if (!self) return print_error(self.error_value()), exit_environment;
    if (options.quick) return check_quickly(options, *self);
    if (!know_all(options.only)) return exit_usage;
    const auto off = read_exceptions(options.exceptions);
    if (!off) return print_error(off.error_value()), exit_usage;
    std::vector<std::string> off_names;
    for (const auto& [name, reason] : *off)
        off_names.push_back(name);
    if (!know_all(off_names)) return exit_usage;
    const work_folder folder;
    if (!folder.made()) {
        print_error(base::make_error(base::error_code::unavailable,
                                     "cannot make a folder for temporary files",
                                     "set TMPDIR to one that may be written to"));
        return exit_environment;
    }
    plugin::full_check_options full;
    full.self = *self;
    full.child_argument = checking::child_argument;
    full.child_tests = checking::test_names();
    full.only = options.only;
    full.off = std::move(off_names);
    full.seed = options.seed;
    full.round = options.round;
    full.timeout_ms = options.timeout_s * 1'000;
    full.at_once =
        options.at_once != 0 ? options.at_once : std::max(1u, std::thread::hardware_concurrency());
    full.folder = folder.path();
    if (options.in_process) return check_in_process(options, full);
    base::system_clock time;
    return report(options, plugin::check_fully(options.target, time, full), *off);
}

}  // namespace

void add_connector_check_command(CLI::App& group, int& code) {
    auto options = std::make_shared<check_options>();
    CLI::App& command = *group.add_subcommand(
        "check", "Does a connector keep to the rules? Runs it in child processes, without network");
    command.add_option("FILE", options->target, "The connector's library")->required();
    const auto quick = command.add_flag(
        "--quick", options->quick, "Only what a host looks at itself: read, load, open, close");
    command.add_option("--only", options->only, "Only the test of that name (may be repeated)")
        ->excludes(quick);
    command
        .add_option("--seed", options->seed,
                    "For fuzz and concurrent: what is called with what, in which order")
        ->capture_default_str();
    command.add_option("--round", options->round, "With --only fuzz: only that round of the seed");
    command.add_flag("--only-failed", options->only_failed, "Print only the tests that fail");
    command.add_option("--exceptions", options->exceptions,
                       "A JSON file with tests to leave out: {\"leaks\": \"the reason\"}");
    command.add_option("--timeout-s", options->timeout_s, "For each test")
        ->check(CLI::Range(1, 3'600))
        ->capture_default_str();
    command.add_option("--at-once", options->at_once, "Child processes at the same time")
        ->check(CLI::Range(1, 256))
        ->default_str("one for each core");
    command
        .add_flag("--in-process", options->in_process,
                  "With --only: in this process, for a debugger")
        ->excludes(quick);
    command.add_flag("--json", options->json, "Print JSON");
    command.footer(
        "Exit code 1 when a test fails; hints alone are 0. docs/connector-check.md describes the "
        "tests.\nExample: sluice connector check build/connectors/my.so");
    command.callback([options, &code] { code = check(*options); });
}

}  // namespace sluice::cli
