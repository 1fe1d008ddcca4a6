#include "instance/deployment_record.hpp"

#include <array>
#include <optional>
#include <utility>

#include "base/ids.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using state_kind = deployment_record::state_kind;

constexpr std::array all_states = {state_kind::deploying, state_kind::deployed, state_kind::failed,
                                   state_kind::undeploying, state_kind::removed};

std::optional<state_kind> state_of(const std::string& name) {
    for (const state_kind one : all_states) {
        if (name == to_string(one)) return one;
    }
    return std::nullopt;
}

base::error damaged() {
    return base::make_error(base::error_code::internal, "a stored deployment is damaged");
}

}  // namespace

const char* to_string(state_kind state) {
    switch (state) {
        case state_kind::deploying:
            return "deploying";
        case state_kind::deployed:
            return "deployed";
        case state_kind::failed:
            return "failed";
        case state_kind::undeploying:
            return "undeploying";
        case state_kind::removed:
            return "removed";
    }
    return "unknown";
}

json::value deployment_record::to_json() const {
    json::value flows = json::value::array();
    for (const run& one : runs) {
        flows.push(json::value::object({{"flow", one.flow},
                                        {"execution", base::execution_id_text(one.execution)},
                                        {"state", one.state}}));
    }
    return json::value::object({{"customer", customer},
                                {"integration", integration},
                                {"release", release},
                                {"version", version},
                                {"fingerprint", fingerprint},
                                {"state", to_string(state)},
                                {"removing", removing},
                                {"attempt", attempt},
                                {"reason", reason},
                                {"previousRelease", previous_release},
                                {"error", error},
                                {"flows", std::move(flows)},
                                {"changed", changed_ms}});
}

base::result<deployment_record> deployment_record::parse(const std::string& text) {
    const base::result<json::value> content = json::parse(text);
    if (!content) return content.error_value();
    deployment_record out;
    out.customer = content->string_or("customer", "");
    out.integration = content->string_or("integration", "");
    out.release = content->string_or("release", "");
    out.version = content->string_or("version", "");
    out.fingerprint = content->string_or("fingerprint", "");
    const auto state = state_of(content->string_or("state", ""));
    if (!state) return damaged();
    out.state = *state;
    out.removing = content->bool_or("removing", false);
    out.attempt = content->int_or("attempt", 0);
    out.reason = content->string_or("reason", "");
    out.previous_release = content->string_or("previousRelease", "");
    out.error = content->string_or("error", "");
    out.changed_ms = content->int_or("changed", 0);
    const json::value& flows = content->get("flows");
    for (std::size_t i = 0; i < flows.size(); ++i) {
        const json::value& one = flows.at(i);
        const auto execution = base::parse_execution_id(one.string_or("execution", ""));
        if (!execution) return damaged();
        out.runs.push_back({one.string_or("flow", ""), *execution, one.string_or("state", "")});
    }
    return out;
}

base::result<std::map<std::string, deployment_record>> read_deployments(store::reader& from) {
    base::result<std::vector<store::config_record>> found = from.config(deployment_kind);
    if (!found) return std::move(found).error_value();
    std::map<std::string, deployment_record> out;
    for (const store::config_record& record : *found) {
        base::result<deployment_record> one = deployment_record::parse(record.value_json);
        if (!one) {
            base::error why = std::move(one).error_value();
            why.message += ": instance \"" + record.key + "\"";
            return why;
        }
        out.emplace(record.key, std::move(*one));
    }
    return out;
}

}  // namespace sluice::instance
