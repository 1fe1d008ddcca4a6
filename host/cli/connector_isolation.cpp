// How the connectors of a running host are isolated: for the admin API, and for the doctor.
#include "cli/host_operations.hpp"
#include "json/text.hpp"

namespace sluice::cli {

json::value host_operations::connectors() const {
    json::value all = json::value::array();
    for (const std::shared_ptr<plugin::connector>& one : ports_.connectors.connectors().all()) {
        const plugin::isolation_facts facts = one->isolation();
        const auto hardening = json::parse(facts.hardening_json);
        all.push(json::value::object(
            {{"id", one->description().id},
             {"version", one->description().version.to_text()},
             {"file", one->file().string()},
             {"isolation", facts.mode == plugin::isolation_mode::process ? "process" : "none"},
             {"pid", facts.pid > 0 ? json::value(std::int64_t{facts.pid}) : json::value()},
             {"starts", static_cast<std::int64_t>(facts.starts)},
             {"deaths", static_cast<std::int64_t>(facts.deaths)},
             {"quarantined", facts.quarantined},
             {"lastDeath", facts.last_death},
             {"hardening", hardening ? *hardening : json::value()}}));
    }
    return all;
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
        const auto hardening = json::parse(facts.hardening_json);
        if (!hardening) continue;
        for (const json::value& refused : hardening->get("refused").items()) {
            out.push_back(
                {"the process of the connector " + one->name() +
                     " is less shut in than it could be: " + std::string(refused.as_string()),
                 "a newer kernel, or a container that allows it"});
        }
    }
}

}  // namespace sluice::cli
