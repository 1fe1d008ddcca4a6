// preparation: from documents to flows and to what the store is to keep.
#include <utility>

#include "base/ids.hpp"
#include "instance/kept_owners.hpp"
#include "instance/preparation.hpp"
#include "json/text.hpp"
#include "store/record_versions.hpp"

namespace sluice::instance {

void preparation::bind_touched() {
    for (auto& [name, part] : out_.instances) {
        const kept_instance* const before = known(name);
        const integration_ptr integration = version(part.kept->version);
        if (!integration) continue;
        // What only pauses or goes keeps its flows: values that cannot be read any more do not
        // hold it up.
        const bool same = before != nullptr && request_.edits.contains(name) &&
                          now_.run.contains(name) && before->version == part.kept->version &&
                          before->file.document == part.kept->file.document;
        if (!same) bind_or_refuse(name, part, integration);
        integration_ptr old;
        if (before != nullptr) {
            if (auto found = look_for(before->version)) old = *found;
        }
        add_plan(name, before, old.get(), *part.kept, *integration);
    }
}

void preparation::bind_or_refuse(const std::string& name, prepared_change::part& part,
                                 const integration_ptr& integration) {
    std::vector<base::error> problems;
    if (base::result<void> bound = bind(part, integration, &problems); !bound) {
        problems.push_back(bound.error_value());
    }
    const bool by_sharing = by_sharing_.contains(name);
    for (base::error& why : problems) {
        if (by_sharing) why.message = "the instance \"" + name + "\": " + why.message;
        // One that did not run before holds up nobody.
        if (by_sharing && !now_.run.contains(name)) {
            out_.warnings.push_back(std::move(why));
        } else {
            refuse(std::move(why));
        }
    }
}

void preparation::add_plan(const std::string& name, const kept_instance* before,
                           const manifest::integration* old, const kept_instance& after,
                           const manifest::integration& version) {
    const kept_instance is = shown(after, owners_);
    std::optional<kept_instance> was;
    if (before != nullptr) was = shown(*before, now_.owners);
    planned one = plan_of({was ? &*was : nullptr, old, is, version, now_.failed.contains(name)});
    const bool named = !by_sharing_.contains(name);
    if (named || one.change != planned::change_kind::none) out_.plan.push_back(std::move(one));
}

kept_instance preparation::shown(const kept_instance& one, const owner_map& owners) {
    kept_instance out = one;
    out.file.document = with_shared(one.file, owners);
    return out;
}

base::result<void> preparation::bind(prepared_change::part& part,
                                     const integration_ptr& integration,
                                     std::vector<base::error>* more) {
    const kept_instance& one = *part.kept;
    const addresses_ptr its = give_addresses(one, *integration);
    base::result<bound_version> bound =
        bind_flows(one.file, integration, owners_, ports_.lookup, request_.known,
                   webhooks_of(*integration, *its, now_.public_url), more);
    if (!bound) return std::move(bound).error_value();
    part.flows = std::move(*bound);
    return {};
}

addresses_ptr preparation::give_addresses(const kept_instance& one,
                                          const manifest::integration& of) {
    const std::string owner = address_owner(one.file.name, of);
    addresses its;
    if (const auto made = out_.addresses.find(owner); made != out_.addresses.end()) {
        its = *made->second;
    } else if (const auto old = now_.addresses.find(owner); old != now_.addresses.end()) {
        its = *old->second;
    }
    for (const std::string& flow : flows_with_address(of)) {
        if (its.contains(flow) || one.removing) continue;
        endpoint fresh{base::make_token(ports_.random), owner, flow};
        if (!request_.dry_run) out_.changes.push_back(record_of(fresh));
        its.emplace(flow, std::move(fresh));
    }
    addresses_ptr all = std::make_shared<const addresses>(std::move(its));
    out_.addresses.insert_or_assign(owner, all);
    return all;
}

void preparation::bind_others() {
    for (const auto& [name, kept] : now_.instances) {
        if (out_.instances.contains(name)) continue;
        prepared_change::part part;
        part.kept = kept;
        base::result<integration_ptr> integration = look_for(kept->version);
        base::result<void> bound;
        if (integration) {
            bound = bind(part, *integration);
        } else {
            bound = integration.error_value();
        }
        if (!bound) {
            base::error why = std::move(bound).error_value();
            part.problem = why.to_text();
            why.message = "the instance \"" + name + "\" does not run: " + why.message;
            why.hint += why.hint.empty() ? "apply its file again" : "; or apply its file again";
            out_.warnings.push_back(std::move(why));
        }
        out_.instances.emplace(name, std::move(part));
    }
}

void preparation::write() {
    for (const auto& [hash, integration] : out_.versions) {
        // Immutable records: those that are there are left alone.
        if (now_.versions.contains(hash)) continue;
        const auto there = store::read_record(ports_.store, version_kind, hash);
        if (!there) return refuse(there.error_value());
        if (*there) continue;
        out_.changes.push_back(
            {{version_kind, hash, json::to_text(integration->document), 0}, false});
    }
    for (const auto& [id, list] : out_.releases) {
        const auto before = now_.releases.find(id);
        const std::string text = list.to_text();
        if (before != now_.releases.end() && before->second.to_text() == text) continue;
        out_.changes.push_back({{release_kind, id, text, 0}, false});
    }
    if (ports_.keys != nullptr) {
        kept_map changed;
        for (const auto& [name, part] : out_.instances) {
            const kept_instance* const before = known(name);
            if (before == nullptr || *before != *part.kept) changed.emplace(name, part.kept);
        }
        add(kept_instances(ports_.store, *ports_.keys).changes(changed));
        drop_own_tokens(changed);
        owner_map owners;
        for (const auto& [id, one] : out_.owners) {
            const owner* const before = find_owner(now_.owners, id);
            const bool same =
                one && before != nullptr && before->file.document == one->file.document;
            if (!same) owners.emplace(id, one);
        }
        add(kept_owners(ports_.store, *ports_.keys).changes(owners));
        if (!out_.ok()) return;
    }
    out_.changes.insert(out_.changes.end(), request_.together.begin(), request_.together.end());
    if (auto numbered = store::number_changes(ports_.store, out_.changes); !numbered) {
        refuse(numbered.error_value());
    }
}

void preparation::drop_own_tokens(const kept_map& changed) {
    for (const auto& [name, one] : changed) {
        const kept_instance* const before = known(name);
        if (before == nullptr) continue;
        for (const auto& [connection, given] : one->file.connections) {
            const auto old = before->file.connections.find(connection);
            const bool was_shared =
                old != before->file.connections.end() && !old->second.shared.empty();
            if (given.shared.empty() || was_shared) continue;
            out_.now_shared.push_back({name, connection});
            const std::string key = name + '/' + connection;
            const auto there = store::read_record(ports_.store, connection_kind, key);
            if (!there) return refuse(there.error_value());
            if (*there) out_.changes.push_back({{connection_kind, key, "", 0}, true});
        }
    }
}

void preparation::add(base::result<std::vector<store::config_change>> more) {
    if (!more) return refuse(std::move(more).error_value());
    for (store::config_change& one : *more)
        out_.changes.push_back(std::move(one));
}

}  // namespace sluice::instance
