#include "outbound_trigger.hpp"

#include <algorithm>
#include <iterator>
#include <sluice/encoding.hpp>
#include <sluice/step_hash.hpp>
#include <utility>

#include "errors.hpp"
#include "soql.hpp"
#include "tooling.hpp"

namespace sluice::salesforce {
namespace {

constexpr const char* rule_type = "WorkflowRule";
constexpr const char* send_step = "Send_Outbound_Message";
constexpr std::size_t longest_flow_name = 80;

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

// What holds an object's name, which Salesforce gives back with its own capitals.
bool has_name_in(std::string_view key) {
    constexpr std::string_view keys[] = {"object", "actionName", "nameSegment", "description",
                                         "label"};
    return std::find(std::begin(keys), std::end(keys), key) != std::end(keys);
}

// Whether what is there, at the key, says everything that is wanted; it may say more.
bool covers(const json& there, const json& wanted, std::string_view key = {}) {
    if (wanted.is_object()) {
        return std::all_of(wanted.members().begin(), wanted.members().end(), [&](const auto& one) {
            return covers(there[one.first], one.second, one.first);
        });
    }
    if (wanted.is_string() && there.is_string() && has_name_in(key)) {
        return is_same_name(there.as_string(), wanted.as_string());
    }
    if (!wanted.is_array()) return there == wanted;
    if (there.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!covers(there[i], wanted[i])) return false;
    }
    return true;
}

// The flow's name for objects and messages: unlike a rule's, it stands alone in the organization.
// Salesforce takes no two underscores in a row, as in "Size__c", and at most 80 characters.
std::string flow_name(const std::string& object, const std::string& name) {
    std::string out;
    for (const char c : object + "_" + name) {
        if (c != '_' || !out.ends_with('_')) out += c;
    }
    if (out.size() <= longest_flow_name) return out;
    // The end of a name tells it from its neighbours: it goes into a sum of all.
    const std::string tail = short_hash(lower_ascii(out)).substr(0, 8);
    out.resize(longest_flow_name - tail.size() - 1);
    if (out.ends_with('_')) out.pop_back();
    return out + "_" + tail;
}

bool is_active(const json& version) { return version.get_or("Status", "") == "Active"; }

failure taken(const std::string& kind, const std::string& name) {
    return failure(SLUICE_CONFLICT, "a " + kind + " named " + name +
                                        " is there and is not Sluice's: rename or delete it, or"
                                        " choose another name");
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
      flow_(flow_name(object_, name_)),
      automation_(one_of(wanted, "automation", "flow", {"flow", "workflowRule", "none"})),
      on_(one_of(wanted, "on", "createOrUpdate", {"create", "update", "createOrUpdate"})),
      condition_(wanted.get_or("condition", "")) {}

// What tells ours from everybody else's; names alone do not.
std::string outbound_trigger::mark() const {
    return "Sends " + object_ + "." + name_ + "; managed by Sluice";
}

bool outbound_trigger::is_ours(const json& description) const {
    return description.is_string() && is_same_name(description.as_string(), mark());
}

// Somebody who saves a version under a description of their own has taken it over.
bool outbound_trigger::are_ours(const json& versions) const {
    return std::all_of(versions.items().begin(), versions.items().end(),
                       [&](const json& one) { return is_ours(one["Description"]); });
}

json outbound_trigger::rule_metadata() const {
    // Workflow rules know creations and all changes; those of existing records by formula alone.
    std::string formula = condition_.empty() ? "TRUE" : condition_;
    if (on_ == "update") {
        formula = condition_.empty() ? "NOT(ISNEW())" : "AND(NOT(ISNEW()), " + condition_ + ")";
    }
    return json{{"actions", json::array({json{{"name", name_}, {"type", "OutboundMessage"}}})},
                {"active", true},
                {"description", mark()},
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
                {"description", mark()},
                {"environments", "Default"},
                {"interviewLabel", name_ + " {!$Flow.CurrentDateTime}"},
                {"label", flow_},
                {"processType", "AutoLaunchedFlow"},
                {"start", start},
                {"status", "Active"}};
}

// The new kind is there before the old one goes: what sends twice is told apart, what sends nothing
// is lost.
task<std::string> outbound_trigger::ensure(const api& salesforce) const {
    std::string done = "none";
    if (automation_ != "none") {
        task<std::string> ensured =
            automation_ == "flow" ? ensure_flow(salesforce) : ensure_rule(salesforce);
        done = co_await ensured;
    }
    if (automation_ != "workflowRule") {
        task<bool> removed = if_known(remove_rule(salesforce));
        co_await removed;
    }
    if (automation_ != "flow") {
        task<bool> removed = if_known(remove_flow(salesforce));
        co_await removed;
    }
    co_return done;
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
    if (!is_ours(there["Metadata"]["description"])) throw taken("workflow rule", full_name);
    if (covers(there["Metadata"], wanted)) co_return std::string("unchanged");
    task<void> changed = change_tooling(salesforce, rule_type, there.get_or("Id", ""), wanted);
    co_await changed;
    co_return std::string("changed");
}

task<bool> outbound_trigger::remove_rule(const api& salesforce) const {
    task<json> looked = find_tooling(salesforce, rule_type, name_, object_ + "." + name_);
    const json there = co_await looked;
    if (there.is_null() || !is_ours(there["Metadata"]["description"])) co_return false;
    task<void> removed = delete_tooling(salesforce, rule_type, there.get_or("Id", ""));
    co_await removed;
    co_return true;
}

task<json> outbound_trigger::flow_versions(const api& salesforce) const {
    return tooling_query(salesforce,
                         "SELECT Id, DefinitionId, Status, Description FROM Flow"
                         " WHERE Definition.DeveloperName = " +
                             text_literal(flow_) + " AND Definition.NamespacePrefix = null");
}

task<std::string> outbound_trigger::ensure_flow(const api& salesforce) const {
    const json wanted = flow_metadata(salesforce);
    task<json> looked = flow_versions(salesforce);
    const json before = co_await looked;
    if (!are_ours(before)) throw taken("flow", flow_);
    std::string done = before.empty() ? "created" : "changed";
    for (const json& version : before.items()) {
        if (!is_active(version)) continue;
        const std::string id = checked_id(version.get_or("Id", ""), "Id");
        task<json> asked = salesforce.get(salesforce.data("/tooling/sobjects/Flow") / id);
        const json whole = co_await asked;
        // A condition that is not wanted any more is what is there and not in `wanted`.
        const bool same = covers(whole["Metadata"], wanted) &&
                          whole["Metadata"]["start"].get_or("filterFormula", "") == condition_;
        if (same) done = "unchanged";
    }
    std::string made;
    if (done != "unchanged") {
        // A version of the same name takes the active one's place; until then that one sends.
        task<std::string> posted = create_tooling(salesforce, "Flow", flow_, wanted);
        made = co_await posted;
    }
    if (before.empty()) co_return done;
    task<json> listed = flow_versions(salesforce);
    const json after = co_await listed;
    for (const json& version : after.items()) {
        const std::string id = checked_id(version.get_or("Id", ""), "Id");
        if (is_active(version) || id == made || !is_ours(version["Description"])) continue;
        task<void> deleted = delete_tooling(salesforce, "Flow", id);
        co_await deleted;
    }
    co_return done;
}

task<bool> outbound_trigger::remove_flow(const api& salesforce) const {
    task<json> looked = flow_versions(salesforce);
    const json versions = co_await looked;
    if (versions.empty() || !are_ours(versions)) co_return false;
    for (const json& version : versions.items()) {
        if (!is_active(version)) continue;
        const std::string id = checked_id(version.get_or("DefinitionId", ""), "DefinitionId");
        task<void> stopped =
            change_tooling(salesforce, "FlowDefinition", id, json{{"activeVersionNumber", 0}});
        co_await stopped;
    }
    for (const json& version : versions.items()) {
        const std::string id = checked_id(version.get_or("Id", ""), "Id");
        task<void> deleted = delete_tooling(salesforce, "Flow", id);
        co_await deleted;
    }
    co_return true;
}

}  // namespace sluice::salesforce
