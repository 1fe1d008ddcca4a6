// wrong-input, large-input, broken-json
#include <functional>
#include <utility>

#include "checks.hpp"
#include "in_turns.hpp"
#include "judged_host.hpp"
#include "mutation.hpp"
#include "replies.hpp"

namespace sluice::checking {
namespace {

// The cases of each action, made one by one when it is their turn. Examples and connections take
// turns as well.
class case_list {
  public:
    using make = std::function<trial(std::size_t k)>;

    explicit case_list(const subject& checked)
        : checked_(checked), cases_(checked.actions.size()) {}

    void add(const checked_action& action, make one) { of(action).push_back(std::move(one)); }

    void run(judged_host& on, report& out) {
        in_turns(
            checked_, out, [&](const checked_action& action) { return of(action).size(); },
            [&](const checked_action& action, std::size_t k) { judge(on, out, of(action)[k](k)); });
        out.saw(std::to_string(on.calls()) + " calls");
    }

  private:
    std::vector<make>& of(const checked_action& action) {
        return cases_[static_cast<std::size_t>(&action - checked_.actions.data())];
    }

    static void judge(judged_host& on, report& out, const trial& one) {
        const testing::call_result result = on.run(one);
        on.forget();
        if (result.ok || !one.input.starts_with('{') || result.error.code != SLUICE_INTERNAL)
            return;
        out.warn("action `" + one.action->id + "` fails as SLUICE_INTERNAL " + one.what + ": " +
                     result.error.message,
                 "A wrong input is SLUICE_INVALID_INPUT and says what is wrong.");
    }

    const subject& checked_;
    std::vector<std::vector<make>> cases_;
};

// The example of the turn, with one property changed.
case_list::make with_property(judged_host& on, const checked_action& action,
                              const std::string& name, const json& value, std::string what) {
    return [&on, &action, name, &value, what = std::move(what)](std::size_t k) {
        const combination with(action, k);
        json input = with.input;
        input.set(name, value);
        return trial{&action, on.files(input), with.connection, what};
    };
}

void add_properties(case_list& cases, judged_host& on, const checked_action& action) {
    const auto& properties = action.input_schema["properties"].members();
    for (const auto& property : properties) {
        cases.add(action, [&on, &action, name = property.first](std::size_t k) {
            const combination with(action, k);
            json input = with.input;
            input.erase(name);
            return trial{&action, on.files(input), with.connection, "without `" + name + "`"};
        });
    }
    for (const json& value : odd_values()) {
        for (const auto& property : properties) {
            cases.add(action,
                      with_property(on, action, property.first, value,
                                    "with `" + property.first + "` as " + value.kind_name()));
        }
    }
}

void add_connections(case_list& cases, judged_host& on, const checked_action& action) {
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
        for (json& each : wrong) {
            cases.add(action, [&on, &action, each = std::move(each)](std::size_t k) {
                return trial{&action, on.files(combination(action, k).input), each,
                             "with the connection " + each.dump()};
            });
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
    case_list cases(checked);
    for (const checked_action& action : checked.actions) {
        for (const char* text : {"{}", "null", "[]", "\"text\"", "7", "true"}) {
            cases.add(action, [&action, text](std::size_t k) {
                return trial{&action, text, combination(action, k).connection,
                             *text == '{' ? "with an empty object" : "with no object"};
            });
        }
        add_properties(cases, on, action);
        add_connections(cases, on, action);
    }
    cases.run(on, out);
}

void check_large_input(const subject& checked, report& out) {
    judged_host on(checked, out);
    if (!on.is_open()) return;
    on.host().answer_others(always(200, "{}"));
    json long_list = json::array();
    for (int i = 0; i < 10'000; ++i)
        long_list.push(i);
    const std::pair<const char*, json> values[] = {
        {"a text of 1 MiB", std::string(std::size_t{1} << 20, 'x')},
        {"500 levels", json::parse(nested_text(500))},
        {"a list of 10,000", long_list},
        {"an object of 5,000 members", many_members()},
    };
    case_list cases(checked);
    for (const checked_action& action : checked.actions) {
        cases.add(action, [&action](std::size_t k) {
            return trial{&action, nested_text(512), combination(action, k).connection,
                         "with 512 levels"};
        });
        for (const auto& [what, value] : values) {
            cases.add(action, with_property(on, action, "somethingElse", value,
                                            std::string("with a further member, ") + what));
            for (const auto& property : action.input_schema["properties"].members()) {
                cases.add(action, with_property(on, action, property.first, value,
                                                "with `" + property.first + "` as " + what));
            }
        }
    }
    cases.run(on, out);
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
    in_turns(
        checked, out, [&](const checked_action&) { return std::size(broken); },
        [&](const checked_action& action, std::size_t k) {
            const std::string& text = broken[k];
            const trial one{&action, text, combination(action, k).connection,
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
                             "` takes a text that is no JSON for something else: code " +
                             std::to_string(code) + ": " + result.error.message,
                         "Read the input first; what is no JSON is SLUICE_INVALID_INPUT.");
            }
        });
    out.saw("up to " + std::to_string(std::size(broken)) + " texts for each action");
}

}  // namespace sluice::checking
