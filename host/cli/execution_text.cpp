#include "cli/execution_text.hpp"

#include "base/clock.hpp"
#include "cli/output.hpp"
#include "engine/journal.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

std::int64_t time_of(const json::value& of, const char* name) {
    return base::parse_rfc3339(of.string_or(name, "")).value_or(0);
}

std::string ended_after(const json::value& one) {
    const std::int64_t ended = time_of(one, "ended");
    if (ended != 0) return std::to_string(ended - time_of(one, "accepted")) + " ms";
    const std::int64_t due = time_of(one, "due");
    return due == 0 ? "" : "due " + time_text(due);
}

std::string shown(const json::value& content) {
    return content.is_null() ? std::string() : json::to_text(content);
}

std::string steps_text(const json::value& steps) {
    std::vector<std::vector<std::string>> rows = {
        {"STEP", "KIND", "TRY", "TOOK", "CONNECTOR", "OUTCOME"}};
    for (const json::value& step : steps.items()) {
        const std::string kind = step.string_or("kind", "");
        const bool under_way = kind == engine::begun_call;
        const std::int64_t took = time_of(step, "ended") - time_of(step, "started");
        rows.push_back({step.string_or("name", ""), kind, std::to_string(step.int_or("attempt", 1)),
                        under_way ? std::string("-") : std::to_string(took) + " ms",
                        step.string_or("connector", ""),
                        step.bool_or("ok", false)
                            ? shortened(shown(step.get("output")), 100)
                            : "FAILED " + shortened(error_text(step.get("error")), 100)});
    }
    return table(rows);
}

}  // namespace

std::string error_text(const json::value& error) {
    if (error.is_null()) return {};
    if (error.is_string()) return error.as_string();
    if (!error.is_object()) return json::to_text(error);
    const std::string detail = error.string_or("detail", "");
    return error.string_or("title", "") + (detail.empty() ? "" : ": " + detail);
}

std::string executions_text(const json::value& items) {
    std::vector<std::vector<std::string>> rows = {
        {"EXECUTION", "ACCEPTED", "STATE", "AFTER", "STEPS", "INSTANCE", "FLOW", "ERROR"}};
    for (const json::value& one : items.items()) {
        rows.push_back({one.string_or("id", ""), time_text(time_of(one, "accepted")),
                        one.string_or("state", ""), ended_after(one),
                        std::to_string(one.int_or("steps", 0)), one.string_or("instance", ""),
                        one.string_or("flow", ""), shortened(error_text(one.get("error")), 60)});
    }
    return table(rows);
}

std::string execution_text(const json::value& one) {
    std::string out = "execution " + one.string_or("id", "") + " of " +
                      one.string_or("instance", "") + "/" + one.string_or("flow", "") + ": " +
                      one.string_or("state", "") + '\n';
    out += "accepted " + one.string_or("accepted", "") + " by " + one.string_or("trigger", "") +
           ", " + (time_of(one, "ended") == 0 ? "not ended" : "ended after " + ended_after(one)) +
           ", manifest " + one.string_or("flowVersion", "").substr(0, 12) + '\n';
    const std::string error = error_text(one.get("error"));
    if (!error.empty()) out += "error: " + error + '\n';
    if (one.string_or("record", "") == "metadata") {
        out += "its bodies were not kept (record: metadata)\n";
    }
    out += '\n' + steps_text(one.get("steps"));
    for (const json::value& step : one.get("steps").items()) {
        if (step.bool_or("ok", false) || step.get("input").is_null()) continue;
        out += "\ninput of " + step.string_or("name", "") + ": " +
               shortened(shown(step.get("input")), 2'000) + '\n';
        break;
    }
    if (!one.get("output").is_null()) out += "\noutput: " + shown(one.get("output")) + '\n';
    if (!one.get("attempts").is_array()) return out;
    for (const json::value& attempt : one.get("attempts").items()) {
        out += "\nan earlier attempt ended as " + attempt.string_or("state", "") + " at " +
               attempt.string_or("ended", "") + ", resumed at " + attempt.string_or("resumed", "") +
               '\n';
        const std::string why = error_text(attempt.get("error"));
        if (!why.empty()) out += "error: " + why + '\n';
        if (attempt.get("steps").size() > 0) out += steps_text(attempt.get("steps"));
    }
    return out;
}

}  // namespace sluice::cli
