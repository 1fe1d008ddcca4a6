#include "cli/flow_test_run.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/json_difference.hpp"
#include "cli/mock_calls.hpp"
#include "cli/offline_flow.hpp"
#include "cli/offline_host.hpp"
#include "cli/output.hpp"
#include "engine/offline.hpp"
#include "expression/suggestion.hpp"
#include "json/pointer.hpp"
#include "json/text.hpp"
#include "manifest/config_value.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

void append(std::vector<std::string>& to, const std::string& what,
            const std::vector<std::string>& lines) {
    for (const std::string& one : lines)
        to.push_back(what + ' ' + one);
}

// Values of the test over the manifest's defaults; what is wrong with them goes to `failures`.
engine::bound_flow values_of(const flow_test& test,
                             std::shared_ptr<const manifest::integration> integration,
                             std::vector<std::string>& failures) {
    engine::bound_flow out = default_values(integration);
    if (!test.config.is_object()) return out;
    std::vector<std::string> known;
    for (const auto& [name, ignored] : integration->config)
        known.push_back(name);
    const auto note = [&](const std::string& pointer, std::string message, std::string hint) {
        base::error wrong =
            base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
        wrong.where = manifest::place_in_file(test.file, pointer);
        failures.push_back(wrong.to_text());
    };
    for (const auto& [name, content] : test.config.members()) {
        std::string pointer = test.pointer + "/config";
        json::append_pointer(pointer, name);
        const auto declared = integration->config.find(name);
        if (declared == integration->config.end()) {
            note(pointer, "the manifest has no config variable \"" + name + "\"",
                 expression::did_you_mean(name, known));
            continue;
        }
        const std::size_t before = failures.size();
        for (manifest::value_problem& each :
             manifest::check_value(declared->second, content, "config." + name, true)) {
            note(pointer + each.pointer, std::move(each.message), std::move(each.hint));
        }
        if (failures.size() > before) continue;
        if (declared->second.secret()) {
            out.secrets[name] = content;
        } else {
            out.config.set(name, manifest::normalised(declared->second, content));
        }
    }
    return out;
}

void compare_calls(const flow_test& test, const std::vector<mock_calls::made_call>& made,
                   std::vector<std::string>& failures) {
    const std::vector<expected_call>& wanted = *test.calls;
    std::vector<bool> taken(made.size(), false);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::string what = "call " + std::to_string(i + 1) + " (" + wanted[i].function + ")";
        if (test.calls_in_order) {
            if (i >= made.size()) {
                failures.push_back(what + " was not made");
            } else if (made[i].function != wanted[i].function) {
                failures.push_back(what + ": " + made[i].function + " was called instead");
            } else if (!wanted[i].input.is_null()) {
                append(failures, what, differences(wanted[i].input, made[i].input));
            }
            if (i < made.size()) taken[i] = true;
            continue;
        }
        bool found = false;
        for (std::size_t k = 0; k < made.size() && !found; ++k) {
            if (taken[k] || made[k].function != wanted[i].function) continue;
            if (!wanted[i].input.is_null() && !differences(wanted[i].input, made[k].input).empty())
                continue;
            taken[k] = found = true;
        }
        if (!found) failures.push_back(what + " was not made");
    }
    for (std::size_t k = 0; k < made.size(); ++k) {
        if (taken[k]) continue;
        failures.push_back("an unexpected call: " + made[k].function + " with " +
                           shortened(json::to_text(made[k].input), 200));
    }
}

void compare_outcome(const flow_test& test, const engine::end_of_execution& end,
                     std::vector<std::string>& failures) {
    const bool good = end.how == engine::end_of_execution::kind::succeeded;
    const json::value fault = end.error.to_json();
    if (test.error) {
        if (good) {
            failures.push_back("the flow succeeded with " +
                               shortened(json::to_text(end.output), 200) +
                               ", but an error was expected");
            return;
        }
        json::value expected = *test.error;
        const json::value& type = expected.get("type");
        if (type.is_string() && manifest::same_error_type(type.as_string(), end.error.type)) {
            expected.erase("type");
        }
        append(failures, "error", differences(expected, fault));
        return;
    }
    if (!good) {
        failures.push_back("the flow failed: " + json::to_text(fault));
        return;
    }
    if (test.has_output) append(failures, "output", differences(test.output, end.output));
}

}  // namespace

test_result run_flow_test(const flow_test& test,
                          std::shared_ptr<const manifest::integration> integration) {
    test_result result;
    const auto fail = [&](const base::error& why) {
        result.failures.push_back(why.to_text());
        return result;
    };
    engine::bound_flow values = values_of(test, std::move(integration), result.failures);
    if (!result.failures.empty()) return result;
    auto flow = choose_flow(std::move(values), test.flow);
    if (!flow) return fail(flow.error_value());

    offline_host host(offline_host::time::fake);
    if (test.now_ms) host.set_clock(*test.now_ms);
    mock_calls calls(host.loop(), nullptr, nullptr);
    base::result<void> loaded = calls.load(test.mocks);
    if (!loaded) return fail(loaded.error_value());
    std::vector<std::string> missing;
    calls.on_missing([&](const base::error& why) { missing.push_back(why.to_text()); });

    engine::offline_engine engine(host.loop(), host.clock(), host.random(), calls);
    engine.host().http = &calls.http();
    json::value outputs = json::value::object();
    result.steps = json::value::array();
    engine.host().on_step = [&](const store::step_record& step, bool) {
        result.steps.push(step_json(step));
    };
    engine.host().on_task = [&](const engine::task_trace& task) {
        if (task.error == nullptr) outputs.set(task.task->name, task.output);
    };
    if (test.state.is_object()) {
        for (const auto& [key, content] : test.state.members())
            engine.put_state(**flow, key, content);
    }
    std::optional<engine::end_of_execution> end;
    engine.run(std::move(*flow), test.event,
               [&](const engine::end_of_execution& outcome) { end = outcome; });
    host.run();

    for (std::string& one : missing)
        result.failures.push_back(std::move(one));
    if (!end) {
        result.failures.push_back("the flow waits for something that never comes");
        return result;
    }
    if (test.error || test.has_output || end->how != engine::end_of_execution::kind::succeeded) {
        compare_outcome(test, *end, result.failures);
    }
    if (test.calls) compare_calls(test, calls.made(), result.failures);
    if (test.steps.is_object()) {
        for (const auto& [name, expected] : test.steps.members()) {
            const json::value* actual = outputs.find(name);
            if (actual == nullptr) {
                result.failures.push_back("the task \"" + name + "\" did not complete");
            } else {
                append(result.failures, "task \"" + name + "\"", differences(expected, *actual));
            }
        }
    }
    for (const std::string& entry : calls.unused())
        result.failures.push_back("the mock \"" + entry + "\" was never used");
    return result;
}

}  // namespace sluice::cli
