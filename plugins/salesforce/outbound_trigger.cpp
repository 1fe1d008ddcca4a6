#include "outbound_trigger.hpp"

#include <algorithm>
#include <utility>

#include "errors.hpp"
#include "soql.hpp"
#include "tooling.hpp"

namespace sluice::salesforce {
namespace {

constexpr const char* rule_type = "WorkflowRule";
constexpr const char* send_step = "Send_Outbound_Message";

std::string one_of(const json& wanted, std::string_view key, std::string_view usual,
                   std::initializer_list<std::string_view> known) {
    const std::string given = wanted.get_or(key, usual);
    if (std::find(known.begin(), known.end(), given) != known.end()) return given;
    std::string list;
    for (const std::string_view name : known)
        list += (list.empty() ? "" : ", ") + std::string(name);
    throw failure(SLUICE_INVALID_INPUT,
                  "'" + std::string(key) + "' must be one of " + list + ", it is '" + given + "'");
}

// Whether what is there says everything that is wanted; it may say more.
bool covers(const json& there, const json& wanted) {
    if (wanted.is_object()) {
        return std::all_of(wanted.members().begin(), wanted.members().end(),
                           [&](const auto& one) { return covers(there[one.first], one.second); });
    }
    if (!wanted.is_array()) return there == wanted;
    if (there.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!covers(there[i], wanted[i])) return false;
    }
    return true;
}

// To who may not see a kind of automation, it is not there: nothing of it can be ours.
task<bool> if_known(task<bool> removal) {
    try {
        co_return co_await removal;
    } catch (const failure& why) {
        if (!is_refusal(why, "INVALID_TYPE")) throw;
    }
    co_return false;
}

}  // namespace

outbound_trigger::outbound_trigger(const json& wanted, std::string object, std::string name)
    : object_(std::move(object)),
      name_(std::move(name)),
      automation_(one_of(wanted, "automation", "flow", {"flow", "workflowRule", "none"})),
      on_(one_of(wanted, "on", "createOrUpdate", {"create", "update", "createOrUpdate"})),
      condition_(wanted.get_or("condition", "")) {}

json outbound_trigger::rule_metadata() const {
    // Workflow rules know creations and all changes; those of existing records by formula alone.
    std::string formula = condition_.empty() ? "TRUE" : condition_;
    if (on_ == "update") {
        formula = condition_.empty() ? "NOT(ISNEW())" : "AND(NOT(ISNEW()), " + condition_ + ")";
    }
    return json{{"actions", json::array({json{{"name", name_}, {"type", "OutboundMessage"}}})},
                {"active", true},
                {"description", "Sends " + name_ + "; managed by Sluice"},
                {"formula", formula},
                {"triggerType", on_ == "create" ? "onCreateOnly" : "onAllChanges"}};
}

json outbound_trigger::flow_metadata(const api& salesforce) const {
    const char* const when = on_ == "create"   ? "Create"
                             : on_ == "update" ? "Update"
                                               : "CreateAndUpdate";
    // Where Flow Builder draws the two boxes.
    constexpr int column = 176;
    constexpr int row = 287;
    json start{{"locationX", 50},
               {"locationY", 0},
               {"connector", json{{"targetReference", send_step}}},
               {"object", object_},
               {"recordTriggerType", when},
               {"triggerType", "RecordAfterSave"}};
    if (!condition_.empty()) start.set("filterFormula", condition_);
    const std::string message = object_ + "." + name_;
    const json send{{"name", send_step},
                    {"label", "Send outbound message"},
                    {"locationX", column},
                    {"locationY", row},
                    {"actionName", message},
                    {"actionType", "outboundMessage"},
                    {"flowTransactionModel", "CurrentTransaction"},
                    {"nameSegment", message}};
    return json{{"actionCalls", json::array({send})},
                {"apiVersion", json::number(salesforce.version())},
                {"description", "Sends " + name_ + "; managed by Sluice"},
                {"environments", "Default"},
                {"interviewLabel", name_ + " {!$Flow.CurrentDateTime}"},
                {"label", name_},
                {"processType", "AutoLaunchedFlow"},
                {"start", start},
                {"status", "Active"}};
}

task<std::string> outbound_trigger::ensure(const api& salesforce) const {
    if (automation_ != "workflowRule") {
        task<bool> removed = if_known(remove_rule(salesforce));
        co_await removed;
    }
    if (automation_ != "flow") {
        task<bool> removed = if_known(remove_flow(salesforce));
        co_await removed;
    }
    if (automation_ == "none") co_return std::string("none");
    task<std::string> ensured =
        automation_ == "flow" ? ensure_flow(salesforce) : ensure_rule(salesforce);
    co_return co_await ensured;
}

task<bool> outbound_trigger::remove(const api& salesforce) const {
    task<bool> rule = if_known(remove_rule(salesforce));
    const bool had_rule = co_await rule;
    task<bool> flow = if_known(remove_flow(salesforce));
    const bool had_flow = co_await flow;
    co_return had_rule || had_flow;
}

task<std::string> outbound_trigger::ensure_rule(const api& salesforce) const {
    const std::string full_name = object_ + "." + name_;
    const json wanted = rule_metadata();
    task<json> looked = find_tooling(salesforce, rule_type, name_, full_name);
    const json there = co_await looked;
    if (there.is_null()) {
        task<std::string> made = create_tooling(salesforce, rule_type, full_name, wanted);
        co_await made;
        co_return std::string("created");
    }
    if (covers(there["Metadata"], wanted)) co_return std::string("unchanged");
    task<void> changed = change_tooling(salesforce, rule_type, there.get_or("Id", ""), wanted);
    co_await changed;
    co_return std::string("changed");
}

task<bool> outbound_trigger::remove_rule(const api& salesforce) const {
    task<json> looked = find_tooling(salesforce, rule_type, name_, object_ + "." + name_);
    const json there = co_await looked;
    if (there.is_null()) co_return false;
    task<void> removed = delete_tooling(salesforce, rule_type, there.get_or("Id", ""));
    co_await removed;
    co_return true;
}

task<std::string> outbound_trigger::ensure_flow(const api& salesforce) const {
    const json wanted = flow_metadata(salesforce);
    task<json> looked =
        tooling_query(salesforce, "SELECT Id, Status FROM Flow WHERE Definition.DeveloperName = " +
                                      text_literal(name_) + " AND Status = 'Active'");
    const json active = co_await looked;
    if (!active.empty()) {
        const std::string id = checked_id(active[0].get_or("Id", ""), "Id");
        task<json> asked = salesforce.get(salesforce.data("/tooling/sobjects/Flow") / id);
        const json whole = co_await asked;
        if (covers(whole["Metadata"], wanted)) co_return std::string("unchanged");
    }
    // A version that is active cannot be changed: it is taken out of use and made anew.
    task<bool> removed = remove_flow(salesforce);
    const bool had_one = co_await removed;
    task<std::string> made = create_tooling(salesforce, "Flow", name_, wanted);
    co_await made;
    co_return std::string(had_one ? "changed" : "created");
}

task<bool> outbound_trigger::remove_flow(const api& salesforce) const {
    const std::string name = text_literal(name_);
    task<json> looked = tooling_query(salesforce,
                                      "SELECT Id, ActiveVersionId FROM FlowDefinition"
                                      " WHERE DeveloperName = " +
                                          name);
    const json definitions = co_await looked;
    if (definitions.empty()) co_return false;
    if (!definitions[0]["ActiveVersionId"].is_null()) {
        const std::string id = checked_id(definitions[0].get_or("Id", ""), "Id");
        task<void> stopped =
            change_tooling(salesforce, "FlowDefinition", id, json{{"activeVersionNumber", 0}});
        co_await stopped;
    }
    task<json> listed =
        tooling_query(salesforce, "SELECT Id FROM Flow WHERE Definition.DeveloperName = " + name);
    const json versions = co_await listed;
    for (const json& version : versions.items()) {
        const std::string id = checked_id(version.get_or("Id", ""), "Id");
        task<void> deleted = delete_tooling(salesforce, "Flow", id);
        co_await deleted;
    }
    co_return !versions.empty();
}

}  // namespace sluice::salesforce
