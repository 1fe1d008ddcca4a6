// wrong-input, large-input, broken-json
#include <chrono>

#include "checks.hpp"
#include "judged_host.hpp"
#include "mutation.hpp"
#include "replies.hpp"
#include "stopwatch.hpp"

namespace sluice::checking {
namespace {

// On a slow machine what is last is left out, and the test says so.
class limited {
  public:
    bool over() {
        stopped_ = stopped_ || since_.is_over(longest);
        return stopped_;
    }
    std::string text(unsigned calls) const {
        return std::to_string(calls) + " calls" +
               (stopped_ ? "; it stopped there, as its time was over" : "");
    }

  private:
    static constexpr std::chrono::seconds longest{10};
    stopwatch since_;
    bool stopped_ = false;
};

void run_wrong(judged_host& on, report& out, limited& time, const trial& one,
               bool is_object = true) {
    if (time.over()) return;
    const testing::call_result result = on.run(one);
    on.forget();
    if (result.ok || !is_object || result.error.code != SLUICE_INTERNAL) return;
    out.warn("action `" + one.action->id + "` fails as SLUICE_INTERNAL " + one.what + ": " +
                 result.error.message,
             "A wrong input is SLUICE_INVALID_INPUT and says what is wrong.");
}

void check_properties(judged_host& on, report& out, limited& time, const checked_action& action) {
    for (const auto& [name, schema] : action.input_schema["properties"].members()) {
        for (const json& value : odd_values()) {
            json input = action.inputs.front();
            input.set(name, value);
            run_wrong(on, out, time,
                      {&action, on.files(input), action.connections.front(),
                       "with `" + name + "` as " + value.kind_name()});
        }
        json input = action.inputs.front();
        input.erase(name);
        run_wrong(on, out, time,
                  {&action, on.files(input), action.connections.front(), "without `" + name + "`"});
    }
}

void check_connections(judged_host& on, report& out, limited& time, const checked_action& action) {
    for (const json& connection : action.connections) {
        if (!connection.is_object()) continue;
        std::vector<json> wrong = {json(), json::object(), json{{"type", "nobody"}}};
        for (const auto& [name, value] : connection.members()) {
            if (name == "type") continue;
            wrong.push_back(connection);
            wrong.back().erase(name);
            for (const json& odd : {json(), json(-1), json(""), json(json::array())}) {
                wrong.push_back(connection);
                wrong.back().set(name, odd);
            }
        }
        for (const json& each : wrong) {
            run_wrong(on, out, time,
                      {&action, on.files(action.inputs.front()), each,
                       "with the connection " + each.dump()});
        }
    }
}

json many_members() {
    json made = json::object();
    std::string text;
    text.reserve(200'000);
    for (int i = 0; i < 5'000; ++i)
        text += (i == 0 ? "{\"m" : ",\"m") + std::to_string(i) + "\":" + std::to_string(i);
    return json::parse(text + "}");
}

std::string nested_text(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i)
        text += "{\"a\":";
    text += "1";
    text.append(depth, '}');
    return text;
}

}  // namespace

void check_wrong_input(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    on.host().answer_others(always(200, "{}"));
    limited time;
    for (const checked_action& action : checked.actions) {
        const json& connection = action.connections.front();
        run_wrong(on, out, time, {&action, "{}", connection, "with an empty object"});
        for (const char* other : {"null", "[]", "\"text\"", "7", "true"}) {
            run_wrong(on, out, time, {&action, other, connection, "with no object"}, false);
        }
        check_properties(on, out, time, action);
        check_connections(on, out, time, action);
    }
    out.saw(time.text(on.calls()));
}

void check_large_input(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    on.host().answer_others(always(200, "{}"));
    limited time;
    const std::string megabyte(std::size_t{1} << 20, 'x');
    json long_list = json::array();
    for (int i = 0; i < 10'000; ++i)
        long_list.push(i);
    const std::pair<const char*, json> values[] = {
        {"a text of 1 MiB", megabyte},
        {"a list of 10,000", long_list},
        {"an object of 5,000 members", many_members()},
        {"500 levels", json::parse(nested_text(500))},
    };
    for (const checked_action& action : checked.actions) {
        const json& connection = action.connections.front();
        run_wrong(on, out, time, {&action, nested_text(512), connection, "with 512 levels"});
        for (const auto& [what, value] : values) {
            json input = action.inputs.front();
            input.set("somethingElse", value);
            run_wrong(on, out, time,
                      {&action, on.files(input), connection,
                       std::string("with a further member, ") + what});
            for (const auto& [name, schema] : action.input_schema["properties"].members()) {
                input = action.inputs.front();
                input.set(name, value);
                run_wrong(on, out, time,
                          {&action, on.files(input), connection, "with `" + name + "` as " + what});
            }
        }
    }
    out.saw(time.text(on.calls()));
}

void check_broken_json(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    on.host().answer_others(always(200, "{}"));
    using namespace std::string_literals;
    const std::string broken[] = {
        "",
        " ",
        "{",
        "nul",
        "{\"a\":}",
        "{\"a\":1}x",
        "{'a':1}",
        "[1,2",
        "NaN",
        "{\"a\":01}",
        "\"\\ud800\"",
        "{\"a\":\"\\x\"}",
        "\xff\xfe{}",
        "{\"a\":\"\xc3(\"}",
        "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\0\"}"s,
        nested_text(100'000),
        std::string(100'000, '['),
    };
    for (const checked_action& action : checked.actions) {
        for (const std::string& text : broken) {
            const trial one{&action, text, action.connections.front(),
                            "with a text that is no JSON"};
            out.doing(describe(one));
            testing::call_result result = on.host().run_text(
                action.id, text, one.connection.is_null() ? "" : one.connection.dump());
            // An action that gives back what it got fails then, too: in the host.
            std::erase_if(result.problems, [](const std::string& problem) {
                return problem.find("output cannot be used") != problem.npos;
            });
            on.judge(action, result);
            on.forget();
            const sluice_code code = result.error.code;
            if (!result.ok && code != SLUICE_INVALID_INPUT && code != SLUICE_INTERNAL) {
                out.warn("action `" + action.id +
                             "` takes a text that is no JSON for something "
                             "else: code " +
                             std::to_string(code) + ": " + result.error.message,
                         "Read the input first; what is no JSON is SLUICE_INVALID_INPUT.");
            }
        }
    }
    out.saw(std::to_string(checked.actions.size() * std::size(broken)) + " calls");
}

}  // namespace sluice::checking
