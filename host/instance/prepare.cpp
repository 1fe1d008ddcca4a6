#include "instance/prepare.hpp"

#include <algorithm>
#include <utility>

#include "instance/deployment_record.hpp"
#include "instance/edits.hpp"
#include "instance/preparation.hpp"
#include "manifest/config_value.hpp"
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

}  // namespace

prepared_change preparation::run() {
    owners_ = now_.owners;
    take_documents();
    take_edits();
    if (out_.ok()) touch_sharing();
    if (out_.ok()) bind_touched();
    if (out_.ok() && request_.bind_all) bind_others();
    if (out_.ok() && !request_.dry_run) write();
    return std::move(out_);
}

void preparation::refuse(base::error why) {
    const std::string text = why.to_text();
    const bool told = std::any_of(out_.problems.begin(), out_.problems.end(),
                                  [&](const auto& one) { return one.to_text() == text; });
    if (!told) out_.problems.push_back(std::move(why));
}

void preparation::refuse_all(std::vector<base::error> all) {
    for (base::error& one : all)
        refuse(std::move(one));
}

const kept_instance* preparation::known(const std::string& name) const {
    const auto found = now_.instances.find(name);
    return found == now_.instances.end() ? nullptr : found->second.get();
}

release_list preparation::releases_of(const std::string& id) const {
    const auto changed = out_.releases.find(id);
    if (changed != out_.releases.end()) return changed->second;
    const auto found = now_.releases.find(id);
    return found == now_.releases.end() ? release_list() : found->second;
}

void preparation::take_documents() {
    read_documents given = read(request_.documents, request_.files, request_.connectors.get());
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
    take_owners(std::move(given.owners));
    if (denied_) return;
    for (manifest::instance_file& file : given.instances)
        take_document(std::move(file), given.integrations);
}

void preparation::take_document(manifest::instance_file file,
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
        return refuse(in_file(file, base::error_code::conflict,
                              "the instance \"" + name + "\" is applied and removed in one command",
                              "leave its file out to remove it"));
    }
    if (!may_change(name)) return;
    const std::string its = customer_of(name, before);
    if (!its.empty() && its != file.customer) {
        return refuse(in_file(file, base::error_code::conflict,
                              "the name \"" + name + "\" belongs to an instance of customer \"" +
                                  its + "\"" + (before == nullptr ? ", which was removed" : ""),
                              "give this one another name: executions, values and tokens of an "
                              "instance stay with its name"));
    }
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
    check(after, before);
    touch(name, std::move(after));
}

std::string preparation::customer_of(const std::string& instance, const kept_instance* before) {
    if (before != nullptr) return before->file.customer;
    const auto record = store::read_record(ports_.store, deployment_kind, instance);
    if (!record) {
        refuse(record.error_value());
        return {};
    }
    if (!*record) return {};
    const auto known = deployment_record::parse((*record)->value_json);
    if (known) return known->customer;
    // Whose it was nobody can tell: it is given to nobody.
    refuse(known.error_value());
    return {};
}

std::string preparation::version_for(const manifest::instance_file& file,
                                     const kept_instance* before,
                                     const std::map<std::string, integration_ptr>& given) const {
    const auto with_it = given.find(file.integration);
    if (with_it != given.end()) return with_it->second->hash;
    if (before != nullptr && before->file.integration == file.integration) return before->version;
    const release_list known = releases_of(file.integration);
    return known.empty() ? "" : known.newest()->hash;
}

void preparation::take_edits() {
    for (const auto& [name, change] : request_.edits) {
        const kept_instance* const before = known(name);
        if (before == nullptr) {
            refuse(base::make_error(base::error_code::not_found,
                                    "there is no instance \"" + name + "\"",
                                    "`sluice instance list` names them"));
            continue;
        }
        static const manifest::integration nothing;
        const auto runs = look_for(before->version);
        const manifest::integration& now = runs ? **runs : nothing;
        base::result<kept_instance> after =
            change(*before, now, releases_of(before->file.integration));
        if (after && after->version != before->version) {
            if (const auto to = look_for(after->version)) after = with_names_of(*after, now, **to);
        }
        if (!after) {
            refuse(std::move(after).error_value());
            continue;
        }
        const bool repeated = before->removing && after->removing;
        if (!repeated && !may_change(name)) continue;
        if (after->version != before->version || after->file.document != before->file.document) {
            check(*after, before);
        }
        touch(name, std::move(*after));
    }
}

bool preparation::may_change(const std::string& name) {
    if (!now_.leaving.contains(name)) return true;
    refuse(base::make_error(base::error_code::conflict,
                            "the instance \"" + name + "\" is being removed",
                            "wait until it is gone; after that it comes again as a new one"));
    return false;
}

void preparation::check(const kept_instance& after, const kept_instance* before) {
    const integration_ptr integration = version(after.version);
    if (!integration) return;
    if (request_.may && before != nullptr) {
        for (const auto& [name, declared] : integration->config) {
            using audience = manifest::config_declaration::audience;
            if (declared.visibility != audience::organization) continue;
            const json::value* const was =
                manifest::given_value(*integration, before->file.config, name);
            const json::value* const is =
                manifest::given_value(*integration, after.file.config, name);
            if (was == nullptr ? is == nullptr : is != nullptr && *is == *was) continue;
            return refuse(base::make_error(base::error_code::auth,
                                           "config." + name + " is the organization's to set"));
        }
    }
    refuse_all(manifest::check_instance(after.file, *integration,
                                        sharing_of(owners_, after.file.customer)));
    append(out_.warnings, manifest::rename_warnings(after.file, *integration));
}

void preparation::touch(const std::string& name, kept_instance after) {
    out_.instances[name].kept = std::make_shared<const kept_instance>(std::move(after));
}

integration_ptr preparation::version(const std::string& hash) {
    base::result<integration_ptr> found = look_for(hash);
    if (found) return *found;
    refuse(std::move(found).error_value());
    return nullptr;
}

base::result<integration_ptr> preparation::look_for(const std::string& hash) {
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

prepared_change preparer::prepare(const change_request& request, const snapshot& now) const {
    return preparation(ports_, request, now).run();
}

void preparer::write(std::vector<store::config_change> changes, const std::string& forgets,
                     store::store::done done) const {
    if (forgets.empty() || ports_.keys == nullptr) {
        return ports_.store.change_config(std::move(changes), std::move(done));
    }
    ports_.keys->forget(forgets, std::move(changes), std::move(done));
}

}  // namespace sluice::instance
