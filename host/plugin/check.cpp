#include "plugin/check.hpp"

#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/subprocess.hpp"
#include "json/text.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/binary_section.hpp"
#include "plugin/library.hpp"
#include "plugin/scan.hpp"
#include "plugin/services.hpp"

namespace sluice::plugin {

namespace {

// In front of the child's own lines: a connector may print, too.
constexpr std::string_view mark = "sluice-check ";
constexpr std::string_view steps[] = {"load", "open", "close"};
constexpr const char* author = "This is a bug in the connector; tell its author.";

struct step_report {
    bool passed = false;
    std::string reason;
    std::string next_step;
};

void refuse(check_report& report, std::string item, std::string reason, std::string next_step) {
    report.items.push_back({std::move(item), false, reason});
    if (!report.reason.empty()) return;
    report.reason = std::move(reason);
    report.next_step = std::move(next_step);
}

void check_exports(check_report& report, const std::filesystem::path& file) {
    const auto bytes = base::read_file(file, library_size_limit);
    const auto facts = read_binary(bytes ? *bytes : std::string(), SLUICE_DESCRIPTOR_SECTION);
    if (!facts) {
        const base::error& why = facts.error_value();
        return refuse(report, "exports", why.message, why.hint);
    }
    for (const std::string& name : facts->exports) {
        if (name == SLUICE_ENTRY_NAME) continue;
        return refuse(report, "exports",
                      "it exports `" + name + "` and " + std::to_string(facts->exports.size() - 1) +
                          " name(s) in all beside its entry function",
                      "Build it with sluice_add_connector, which hides them.");
    }
    report.items.push_back({"exports", true, "only " SLUICE_ENTRY_NAME});
}

// ---- The child's part ---------------------------------------------------------------------------

void say(std::string_view step, bool passed, const std::string& reason, const std::string& next) {
    const json::value line = json::value::object(
        {{"step", step}, {"passed", passed}, {"reason", reason}, {"next", next}});
    std::printf("%.*s%s\n", static_cast<int>(mark.size()), mark.data(),
                json::to_text(line).c_str());
    std::fflush(stdout);
}

std::int64_t SLUICE_CALL time_of_day(const sluice_host*) { return base::system_clock().unix_ms(); }

// A host without calls: every service is there, so that open can ask for them. The clock is the
// only one that works without a call, so it must not be the one of a host that runs.
const void* SLUICE_CALL offer(const sluice_host*, const char* id) {
    static constexpr sluice_clock_1 clock = {time_of_day};
    if (std::string_view(id ? id : "") == "sluice.clock/1") return &clock;
    const service_entry* found = find_service(id ? id : "");
    return found == nullptr ? nullptr : found->table;
}
void SLUICE_CALL ignore_result(sluice_call*, sluice_str) {}
void SLUICE_CALL ignore_failure(sluice_call*, const sluice_error*) {}
void SLUICE_CALL ignore_post(sluice_call*, sluice_fn, void*) {}
void SLUICE_CALL print_line(const sluice_host*, sluice_call*, std::uint32_t, sluice_str message,
                            sluice_str) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size), message.data);
}

bool open_and_close(const library& code) {
    static constexpr sluice_host host = {
        sizeof(sluice_host), SLUICE_ABI_MINOR, nullptr,     offer,
        ignore_result,       ignore_failure,   ignore_post, print_line,
    };
    void* self = nullptr;
    sluice_error why = {};
    why.size = sizeof(sluice_error);
    const sluice_code status = code.table->open(&host, &self, &why);
    if (status != SLUICE_OK) {
        why.code = status;
        const received_error received = from_abi_error(&why, "it");
        say("open", false, "its open function failed: " + received.failure.message,
            "Put right what it says, then check again.");
        return false;
    }
    say("open", true, "", "");
    code.table->close(self);
    say("close", true, "", "");
    return true;
}

// ---- The parent's part --------------------------------------------------------------------------

std::optional<step_report> find_step(std::string_view output, std::string_view step) {
    while (!output.empty()) {
        const auto end = output.find('\n');
        std::string_view line = output.substr(0, end);
        output.remove_prefix(end == std::string_view::npos ? output.size() : end + 1);
        if (!line.starts_with(mark)) continue;
        line.remove_prefix(mark.size());
        const auto content = json::parse(line);
        if (!content || content->string_or("step", "") != step) continue;
        return step_report{content->bool_or("passed", false), content->string_or("reason", ""),
                           content->string_or("next", "")};
    }
    return {};
}

void check_in_child(check_report& report, const std::filesystem::path& file,
                    const std::filesystem::path& self, std::int64_t timeout_ms) {
    base::process_command command;
    command.argv = {self.string(), check_child_argument, file.string()};
    const auto run = base::run_subprocess(command, timeout_ms);
    if (!run) {
        return refuse(report, "load",
                      "the checking process did not start: " + run.error_value().message,
                      run.error_value().hint);
    }
    for (const std::string_view step : steps) {
        const std::string name(step);
        const auto found = find_step(run->out, step);
        if (found && found->passed) {
            report.items.push_back({name, true, found->reason});
            continue;
        }
        if (found) return refuse(report, name, found->reason, found->next_step);
        if (run->timed_out) {
            return refuse(
                report, name,
                "its " + name + " did not return within " + std::to_string(timeout_ms) + " ms",
                "It must not wait for anything there; tell its author.");
        }
        return refuse(
            report, name,
            "it ended the process in " + name + ": " + run->exit.to_text() + it_wrote(run->err),
            author);
    }
}

}  // namespace

std::string it_wrote(const std::string& text) {
    constexpr std::size_t limit = 1'500;
    // A sanitizer's report names its fault in the first of its own lines.
    const std::size_t report = text.find("ERROR: ");
    const std::size_t tail = text.size() > limit ? text.size() - limit : 0;
    const std::string words = text.substr(report != std::string::npos ? report : tail, limit);
    return words.empty() ? "" : "; it wrote: " + words;
}

check_report check_connector(const std::filesystem::path& file, const std::filesystem::path& self,
                             std::int64_t timeout_ms) {
    check_report report;
    const auto verdict = inspect_file(file);
    if (const auto* refused = std::get_if<refusal>(&verdict)) {
        refuse(report, "descriptor", refused->reason, refused->next_step);
        return report;
    }
    const auto& found = std::get<found_connector>(verdict);
    report.items.push_back({"descriptor", true,
                            found.description.id + " " + found.description.version.to_text() +
                                ", " + std::to_string(found.description.actions.size()) +
                                " action(s)"});
    check_exports(report, found.file);
    check_in_child(report, found.file, self, timeout_ms);
    report.accepted = report.reason.empty();
    return report;
}

int run_check_child(const std::filesystem::path& file) {
    const auto verdict = inspect_file(file);
    if (const auto* refused = std::get_if<refusal>(&verdict)) {
        say("load", false, refused->reason, refused->next_step);
        return 1;
    }
    const auto& found = std::get<found_connector>(verdict);
    const auto code = load_library(found.file, found.description);
    if (!code) {
        say("load", false, code.error_value().message, code.error_value().hint);
        return 1;
    }
    say("load", true, "", "");
    try {
        return open_and_close(*code) ? 0 : 1;
    } catch (const std::exception& thrown) {
        say("open", false, std::string("an exception left it: ") + thrown.what(), author);
    } catch (...) {
        say("open", false, "an exception left it", author);
    }
    return 1;
}

}  // namespace sluice::plugin
