// What makes Salesforce send an outbound message: a record-triggered flow, or a workflow rule.
#pragma once

#include <sluice/connector.hpp>
#include <string>

#include "api.hpp"

namespace sluice::salesforce {

// Reads "automation" (flow, workflowRule, none), "on" (create, update, createOrUpdate) and
// "condition" of what is wanted.
class outbound_trigger {
  public:
    // `name` is the message's; `object` is whose records it watches. A rule has the message's name,
    // a flow the object's and the message's.
    outbound_trigger(const json& wanted, std::string object, std::string name);

    // "created", "changed", "unchanged" or "none"; SLUICE_CONFLICT when somebody else's automation
    // has the name. One of the other kind goes, if it is ours.
    task<std::string> ensure(const api& salesforce) const;
    // Whether there was one of ours. Nothing else of the organization is touched.
    task<bool> remove(const api& salesforce) const;

  private:
    std::string mark() const;
    bool is_ours(const json& description) const;
    bool are_ours(const json& versions) const;
    json rule_metadata() const;
    json flow_metadata(const api& salesforce) const;
    task<std::string> ensure_rule(const api& salesforce) const;
    task<json> flow_versions(const api& salesforce) const;
    task<std::string> ensure_flow(const api& salesforce) const;
    task<bool> remove_rule(const api& salesforce) const;
    task<bool> remove_flow(const api& salesforce) const;

    std::string object_;
    std::string name_;
    std::string flow_;
    std::string automation_;
    std::string on_;
    std::string condition_;
};

}  // namespace sluice::salesforce
