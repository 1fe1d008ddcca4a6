#include "instance/prepare.hpp"

#include <utility>

#include "base/ids.hpp"
#include "json/text.hpp"
#include "store/record_versions.hpp"

namespace sluice::instance {
namespace {

void append(std::vector<base::error>& to, std::vector<base::error> more) {
    for (base::error& one : more)
        to.push_back(std::move(one));
}

base::error in_file(const manifest::instance_file& file, base::error_code code, std::string message,
                    std::string hint) {
    base::error out = base::make_error(code, std::move(message), std::move(hint));
    out.where = base::source_position{file.source, 0, 0};
    return out;
}

class preparation {
  public:
    preparation(const prepare_ports& ports, const change_request& request, const snapshot& now)
        : ports_(ports), request_(request), now_(now) {}

    prepared_change run() {
        take_documents();
        take_edits();
        if (out_.ok()) bind_touched();
        if (out_.ok() && request_.bind_all) bind_others();
        if (out_.ok() && !request_.dry_run) write();
        return std::move(out_);
    }

  private:
    void refuse(base::error why) { out_.problems.push_back(std::move(why)); }

    const kept_instance* known(const std::string& name) const {
        const auto found = now_.instances.find(name);
        return found == now_.instances.end() ? nullptr : found->second.get();
    }
    release_list releases_of(const std::string& id) const {
        const auto changed = out_.releases.find(id);
        if (changed != out_.releases.end()) return changed->second;
        const auto found = now_.releases.find(id);
        return found == now_.releases.end() ? release_list() : found->second;
    }

    void take_documents() {
        read_documents given = read(request_.documents, request_.files);
        append(out_.problems, std::move(given.problems));
        append(out_.warnings, std::move(given.warnings));
        if (!out_.ok()) return;
        if (!request_.may_bring_integrations && !given.integrations.empty()) {
            return refuse(base::make_error(
                base::error_code::auth,
                "the token is bound to a tenant, and integrations are for all of them"));
        }
        for (const auto& [id, integration] : given.integrations) {
            out_.plan.push_back(plan_of(*integration, releases_of(id)));
            out_.versions.emplace(integration->hash, integration);
            release_list list = releases_of(id);
            list.add({integration->version, integration->hash});
            out_.releases.insert_or_assign(id, std::move(list));
        }
        for (manifest::instance_file& file : given.instances)
            take_document(std::move(file), given.integrations);
    }

    void take_document(manifest::instance_file file,
                       const std::map<std::string, integration_ptr>& given) {
        const std::string name = file.name;
        const kept_instance* const before = known(name);
        if (request_.may) {
            if (base::result<void> allowed = request_.may(file, before); !allowed) {
                return refuse(allowed.error_value());
            }
        }
        if (out_.instances.contains(name)) {
            return refuse(in_file(file, base::error_code::conflict,
                                  "there are two instances \"" + name + "\"",
                                  "give each instance a name of its own"));
        }
        if (request_.edits.contains(name)) {
            return refuse(
                in_file(file, base::error_code::conflict,
                        "the instance \"" + name + "\" is applied and removed in one command",
                        "leave its file out to remove it"));
        }
        if (!may_change(name)) return;
        kept_instance after;
        after.version = version_for(file, before, given);
        if (after.version.empty()) {
            return refuse(in_file(file, base::error_code::not_found,
                                  "the instance belongs to integration \"" + file.integration +
                                      "\", which is neither among the applied files nor here",
                                  "apply its integration.yaml in the same command"));
        }
        after.file = std::move(file);
        if (before != nullptr) {
            after.paused = before->paused;
            after.previous = before->version == after.version ? before->previous : before->version;
        }
        check(after);
        touch(name, std::move(after));
    }

    // The version that comes with it; else the one it has; else the newest.
    std::string version_for(const manifest::instance_file& file, const kept_instance* before,
                            const std::map<std::string, integration_ptr>& given) const {
        const auto with_it = given.find(file.integration);
        if (with_it != given.end()) return with_it->second->hash;
        if (before != nullptr && before->file.integration == file.integration)
            return before->version;
        const release_list known = releases_of(file.integration);
        return known.empty() ? "" : known.newest()->hash;
    }

    void take_edits() {
        for (const auto& [name, change] : request_.edits) {
            const kept_instance* const before = known(name);
            if (before == nullptr) {
                refuse(base::make_error(base::error_code::not_found,
                                        "there is no instance \"" + name + "\"",
                                        "`sluice instance list` names them"));
                continue;
            }
            base::result<kept_instance> after =
                change(*before, releases_of(before->file.integration));
            if (!after) {
                refuse(std::move(after).error_value());
                continue;
            }
            const bool repeated = before->removing && after->removing;
            if (!repeated && !may_change(name)) continue;
            if (after->version != before->version ||
                after->file.document != before->file.document) {
                check(*after);
            }
            touch(name, std::move(*after));
        }
    }

    bool may_change(const std::string& name) {
        if (!now_.leaving.contains(name)) return true;
        refuse(base::make_error(base::error_code::conflict,
                                "the instance \"" + name + "\" is being removed",
                                "wait until it is gone; after that it comes again as a new one"));
        return false;
    }

    void check(const kept_instance& after) {
        const integration_ptr integration = version(after.version);
        if (!integration) return;
        append(out_.problems, manifest::check_instance(after.file, *integration));
        append(out_.warnings, manifest::rename_warnings(after.file, *integration));
    }

    void touch(const std::string& name, kept_instance after) {
        out_.instances[name].kept = std::make_shared<const kept_instance>(std::move(after));
    }

    // Null, and a problem, when it is not there.
    integration_ptr version(const std::string& hash) {
        base::result<integration_ptr> found = look_for(hash);
        if (found) return *found;
        refuse(std::move(found).error_value());
        return nullptr;
    }

    base::result<integration_ptr> look_for(const std::string& hash) {
        if (const auto found = out_.versions.find(hash); found != out_.versions.end()) {
            return found->second;
        }
        if (const auto found = now_.versions.find(hash); found != now_.versions.end()) {
            return found->second;
        }
        base::result<integration_ptr> stored = read_version(ports_.store, hash);
        if (stored) out_.versions.emplace(hash, *stored);
        return stored;
    }

    void bind_touched() {
        for (auto& [name, part] : out_.instances) {
            const kept_instance* const before = known(name);
            const integration_ptr integration = version(part.kept->version);
            if (!integration) continue;
            // What only pauses or goes keeps its flows: values that cannot be read any more do not
            // hold it up.
            const bool same = before != nullptr && request_.edits.contains(name) &&
                              now_.run.contains(name) && before->version == part.kept->version &&
                              before->file.document == part.kept->file.document;
            if (!same) {
                if (base::result<void> bound = bind(part, integration, &out_.problems); !bound) {
                    refuse(bound.error_value());
                }
            }
            integration_ptr old;
            if (before != nullptr) {
                if (auto found = look_for(before->version)) old = *found;
            }
            out_.plan.push_back(
                plan_of({before, old.get(), *part.kept, *integration, now_.failed.contains(name)}));
        }
    }

    // The error is the last problem; the others go to `more`.
    base::result<void> bind(prepared_change::part& part, const integration_ptr& integration,
                            std::vector<base::error>* more = nullptr) {
        const kept_instance& one = *part.kept;
        const addresses_ptr its = give_addresses(one, *integration);
        base::result<bound_version> bound =
            bind_flows(one.file, integration, ports_.lookup, request_.known,
                       webhooks_of(*integration, *its, now_.public_url), more);
        if (!bound) return std::move(bound).error_value();
        part.flows = std::move(*bound);
        return {};
    }

    // Those it has, and new ones for flows that have none.
    addresses_ptr give_addresses(const kept_instance& one, const manifest::integration& of) {
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

    // One that cannot run is left out, and holds up no other; unless it was asked to go.
    void bind_others() {
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
                why.message = "the instance \"" + name + "\" does not run: " + why.message;
                why.hint += why.hint.empty() ? "apply its file again" : "; or apply its file again";
                out_.warnings.push_back(std::move(why));
            }
            out_.instances.emplace(name, std::move(part));
        }
    }

    void write() {
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
            auto sealed = kept_instances(ports_.store, *ports_.keys).changes(changed);
            if (!sealed) return refuse(std::move(sealed).error_value());
            for (store::config_change& one : *sealed)
                out_.changes.push_back(std::move(one));
        }
        if (auto numbered = store::number_changes(ports_.store, out_.changes); !numbered) {
            refuse(numbered.error_value());
        }
    }

    const prepare_ports& ports_;
    const change_request& request_;
    const snapshot& now_;
    prepared_change out_;
};

}  // namespace

prepared_change preparer::prepare(const change_request& request, const snapshot& now) const {
    return preparation(ports_, request, now).run();
}

}  // namespace sluice::instance
