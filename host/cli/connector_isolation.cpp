// How the connectors of a running host are isolated: for the admin API, and for the doctor.
#include "cli/connector_isolation.hpp"

#include <algorithm>
#include <iterator>

#include "cli/host_operations.hpp"

namespace sluice::cli {

namespace {

json::value describe(const plugin::connector& one, bool present) {
    const plugin::isolation_facts facts = one.isolation();
    return json::value::object(
        {{"id", one.description().id},
         {"version", one.description().version.to_text()},
         {"file", one.file().string()},
         {"present", present},
         {"isolation", facts.mode == plugin::isolation_mode::process ? "process" : "none"},
         {"pid", facts.pid > 0 ? json::value(std::int64_t{facts.pid}) : json::value()},
         {"starts", static_cast<std::int64_t>(facts.starts)},
         {"deaths", static_cast<std::int64_t>(facts.deaths)},
         {"quarantined", facts.quarantined},
         {"lastDeath", facts.last_death},
         {"hardening", facts.hardening ? plugin::to_json(*facts.hardening) : json::value()}});
}

}  // namespace

json::value host_operations::connectors() const {
    json::value all = json::value::array();
    plugin::registry& registry = ports_.connectors.connectors();
    for (const std::shared_ptr<plugin::connector>& one : registry.all())
        all.push(describe(*one, true));
    for (const std::shared_ptr<plugin::connector>& one : registry.left_over())
        all.push(describe(*one, false));
    return all;
}

std::vector<api::finding> unmatched_rules(const plugin::registry& registry) {
    std::string names;
    for (const std::shared_ptr<plugin::connector>& one : registry.all())
        names += (names.empty() ? "" : ", ") + one->description().id;
    std::vector<api::finding> out;
    for (const std::string& name : registry.names_without_connector()) {
        out.push_back({"--isolation has a rule for " + name + ", and no connector is called so",
                       "there " + (names.empty() ? "is none now" : "are: " + names)});
    }
    return out;
}

std::vector<api::finding> misplaced_connectors(const plugin::registry& registry) {
    std::vector<api::finding> out;
    for (const std::shared_ptr<plugin::connector>& one : registry.all()) {
        const plugin::descriptor& said = one->description();
        if (said.in_host.empty() || one->isolation().mode == plugin::isolation_mode::none) continue;
        out.push_back(
            {"the connector " + one->name() +
                 " runs in a process of its own, and says it cannot work there: " + said.in_host,
             "when you trust its file: sluice serve --isolation " + said.id + "=none"});
    }
    return out;
}

bool host_operations::release_connector(const std::string& id) const {
    bool found = false;
    for (const std::shared_ptr<plugin::connector>& one : ports_.connectors.connectors().all()) {
        if (one->description().id != id) continue;
        one->release();
        found = true;
    }
    return found;
}

void host_operations::look_at_isolation(std::vector<api::finding>& out) const {
    std::ranges::move(unmatched_rules(ports_.connectors.connectors()), std::back_inserter(out));
    std::ranges::move(misplaced_connectors(ports_.connectors.connectors()),
                      std::back_inserter(out));
    for (const std::shared_ptr<plugin::connector>& one : ports_.connectors.connectors().all()) {
        const plugin::isolation_facts facts = one->isolation();
        if (facts.quarantined) {
            out.push_back(
                {"the connector " + one->name() +
                     " is in quarantine: its process died too often, the last time with " +
                     facts.last_death,
                 "put a corrected build in its place, or: sluice connector release " +
                     one->description().id});
        }
        if (!facts.start_error.empty()) {
            out.push_back({"the process of the connector " + one->name() +
                               " did not start: " + facts.start_error,
                           "the log tells each attempt; the next call tries again"});
        }
        if (!facts.hardening) continue;
        for (const std::string& refused : facts.hardening->refused) {
            out.push_back({"the process of the connector " + one->name() +
                               " is less shut in than it could be: " + refused,
                           "a newer kernel, or a container that allows it"});
        }
    }
}

}  // namespace sluice::cli
