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
    // `name` is the message's, and the automation's, too; `object` is whose records it watches.
    outbound_trigger(const json& wanted, std::string object, std::string name);

    // "created", "changed", "unchanged" or "none". An automation of the other kind goes.
    task<std::string> ensure(const api& salesforce) const;
    // Whether there was one. Nothing else of the organization is touched.
    task<bool> remove(const api& salesforce) const;

  private:
    json rule_metadata() const;
    json flow_metadata(const api& salesforce) const;
    task<std::string> ensure_rule(const api& salesforce) const;
    task<std::string> ensure_flow(const api& salesforce) const;
    task<bool> remove_rule(const api& salesforce) const;
    task<bool> remove_flow(const api& salesforce) const;

    std::string object_;
    std::string name_;
    std::string automation_;
    std::string on_;
    std::string condition_;
};

}  // namespace sluice::salesforce
