#include "cli/test_file.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/clock.hpp"
#include "cli/offline_flow.hpp"
#include "expression/suggestion.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

base::error wrong(const std::string& message, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, message, std::move(hint));
}

base::result<void> only(const json::value& object, const std::vector<std::string>& known,
                        const std::string& what) {
    if (!object.is_object()) return wrong(what + " must be an object");
    for (const auto& [name, content] : object.members()) {
        if (std::find(known.begin(), known.end(), name) != known.end()) continue;
        return wrong("\"" + name + "\" is not known in " + what,
                     expression::did_you_mean(name, known));
    }
    return {};
}

// `{ $file: path }` becomes the content of that file.
base::result<json::value> with_files(const json::value& from, const std::filesystem::path& folder) {
    if (from.is_object() && from.size() == 1 && from.find("$file") != nullptr) {
        const json::value& name = from.get("$file");
        if (!name.is_string()) return wrong("$file must be the name of a file");
        return read_json_file(folder / name.as_string());
    }
    if (from.is_array()) {
        json::value out = json::value::array();
        for (const json::value& each : from.items()) {
            base::result<json::value> item = with_files(each, folder);
            if (!item) return item;
            out.push(std::move(*item));
        }
        return out;
    }
    if (from.is_object()) {
        json::value out = json::value::object();
        for (const auto& [name, content] : from.members()) {
            base::result<json::value> member = with_files(content, folder);
            if (!member) return member;
            out.set(name, std::move(*member));
        }
        return out;
    }
    return from;
}

base::result<std::vector<expected_call>> read_calls(const json::value& from) {
    if (!from.is_array()) return wrong("`calls` must be a list");
    std::vector<expected_call> out;
    for (const json::value& each : from.items()) {
        if (each.is_string()) {
            out.push_back({each.as_string(), json::value()});
        } else if (each.is_object() && each.size() == 1) {
            const auto& [function, input] = each.members()[0];
            out.push_back({function, input});
        } else {
            return wrong("each of `calls` is a name, or a name with what its input must have",
                         "write - github.createComment: { body: hello }");
        }
    }
    return out;
}

base::result<void> read_outcome(const json::value& from, flow_test& into) {
    if (auto fits = only(from, {"output", "error"}, "`outcome`"); !fits) return fits;
    if (const json::value* output = from.find("output")) {
        into.has_output = true;
        into.output = *output;
    }
    if (const json::value* error = from.find("error")) into.error = *error;
    if (into.has_output && into.error) return wrong("an outcome is an output or an error");
    return {};
}

base::result<flow_test> read_test(const json::value& written, const std::filesystem::path& folder) {
    static const std::vector<std::string> known = {"name",         "flow",    "event", "config",
                                                   "mocks",        "state",   "now",   "calls",
                                                   "callsInOrder", "outcome", "steps"};
    if (auto fits = only(written, known, "a test"); !fits) return fits.error_value();
    base::result<json::value> from = with_files(written, folder);
    if (!from) return std::move(from).error_value();
    flow_test out;
    out.name = from->string_or("name", "");
    out.flow = from->string_or("flow", "");
    if (out.name.empty()) return wrong("a test needs a `name`");
    if (out.flow.empty()) return wrong("it needs the `flow` to run");
    out.event = from->get("event");
    out.config = from->get("config");
    out.mocks = from->get("mocks");
    out.state = from->get("state");
    out.steps = from->get("steps");
    out.calls_in_order = from->bool_or("callsInOrder", true);
    if (const json::value* now = from->find("now")) {
        out.now_ms = now->is_string() ? base::parse_rfc3339(now->as_string()) : std::nullopt;
        if (!out.now_ms) return wrong("`now` must be a time like 2026-01-31T08:00:00Z");
    }
    if (const json::value* calls = from->find("calls")) {
        base::result<std::vector<expected_call>> list = read_calls(*calls);
        if (!list) return std::move(list).error_value();
        out.calls = std::move(*list);
    }
    if (const json::value* outcome = from->find("outcome")) {
        if (auto fits = read_outcome(*outcome, out); !fits) return fits.error_value();
    }
    if (!out.calls && !out.has_output && !out.error && out.steps.is_null()) {
        return wrong("it expects nothing", "add `outcome`, `calls` or `steps`");
    }
    return out;
}

}  // namespace

base::result<std::vector<flow_test>> read_test_file(const std::filesystem::path& file) {
    base::result<json::value> content = manifest::read_plain(file);
    if (!content) return std::move(content).error_value();
    const auto fail = [&](const std::string& name, base::error why) {
        why.message =
            file.string() + (name.empty() ? "" : ", test \"" + name + "\"") + ": " + why.message;
        return why;
    };
    if (auto fits = only(*content, {"tests"}, "a file of tests"); !fits) {
        return fail({}, fits.error_value());
    }
    const json::value& list = content->get("tests");
    if (!list.is_array() || list.size() == 0) {
        return fail({}, wrong("`tests` must be a list with at least one test"));
    }
    std::vector<flow_test> out;
    for (const json::value& each : list.items()) {
        base::result<flow_test> test = read_test(each, file.parent_path());
        if (!test) return fail(each.string_or("name", ""), std::move(test).error_value());
        test->file = file;
        test->pointer = "/tests/" + std::to_string(out.size());
        out.push_back(std::move(*test));
    }
    return out;
}

}  // namespace sluice::cli
