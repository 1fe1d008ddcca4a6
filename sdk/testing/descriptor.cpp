#include "sluice/testing/descriptor.hpp"

#include "sluice/json.hpp"

namespace sluice::testing {
namespace {

bool says_blocking(const json& action) {
    for (const json& flag : action["flags"].items()) {
        if (flag == json("blocking")) return true;
    }
    return false;
}

}  // namespace

std::vector<std::string> descriptor_problems(const sluice_connector& connector,
                                             std::string_view descriptor) {
    std::vector<std::string> problems;
    const json described = json::parse(descriptor);
    if (described["id"] != json(connector.id)) {
        problems.push_back("the descriptor's id is " + described["id"].dump() +
                           ", the connector's is \"" + connector.id + "\"");
    }
    json implemented = json::object();
    for (std::uint32_t i = 0; i < connector.action_count; ++i) {
        const sluice_action& action = connector.actions[i];
        const std::string id = action.id;
        const json* entry = described["actions"].find(id);
        if (entry == nullptr) {
            problems.push_back("the descriptor does not describe the action '" + id + "'");
        } else if (says_blocking(*entry) != ((action.flags & SLUICE_ACTION_BLOCKING) != 0)) {
            problems.push_back("descriptor and code disagree whether '" + id + "' is blocking");
        }
        implemented.set(id, true);
    }
    for (const auto& [id, action] : described["actions"].members()) {
        if (!implemented.contains(id)) {
            problems.push_back("the code has no action '" + id + "'");
        }
    }
    return problems;
}

std::vector<std::string> missing_input_problems(
    mock_host& host, std::string_view descriptor, const json& connection,
    const std::function<void(const std::string& action, json& input)>& prepare) {
    std::vector<std::string> problems;
    const json described = json::parse(descriptor);
    for (const auto& [id, action] : described["actions"].members()) {
        json example = action["examples"][0]["input"];
        if (prepare) prepare(id, example);
        for (const json& required : action["input"]["required"].items()) {
            const std::string& name = required.as_string();
            for (const json& bad : {json(), json(true)}) {
                json input = example;
                input.erase(name);
                if (!bad.is_null()) input.set(name, bad);
                const call_result result = host.run(id, input, connection);
                const bool says_so = !result.ok && result.error.code == SLUICE_INVALID_INPUT &&
                                     result.error.message.find(name) != std::string::npos;
                if (says_so) continue;
                problems.push_back("the action '" + id + "' with " + name + " = " + bad.dump() +
                                   ": " + (result.ok ? "it succeeded" : result.explain()));
            }
        }
    }
    return problems;
}

}  // namespace sluice::testing
