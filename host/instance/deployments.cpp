#include "instance/deployments.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "instance/bind.hpp"
#include "instance/fingerprint.hpp"
#include "json/text.hpp"
#include "store/change_now.hpp"

namespace sluice::instance {
namespace {

constexpr const char* version_kind = "flow_version";

base::result<void> put(store::store& store, std::string kind, std::string key, std::string value) {
    base::result<void> outcome = store::change_config_now(
        store, {{{std::move(kind), std::move(key), std::move(value), 0}, false}});
    // Immutable records: somebody has written the same before.
    if (!outcome && outcome.error_value().code == base::error_code::conflict) return {};
    return outcome;
}

// endpoint::instance of an instance's addresses.
std::string address_owner(const std::string& instance, const manifest::integration& of) {
    const bool shared = of.endpoint.scope == manifest::endpoint_rules::scope_kind::shared;
    return shared ? "*" + of.id : instance;
}

void append(std::vector<base::error>& to, std::vector<base::error> more) {
    for (base::error& one : more)
        to.push_back(std::move(one));
}

}  // namespace

deployments::deployments(store::store& store, base::random_source& random,
                         manifest::environment lookup, secret_fields known, vault* keys)
    : store_(store), random_(random), lookup_(std::move(lookup)), secret_fields_(std::move(known)) {
    if (keys != nullptr) kept_ = std::make_unique<kept_instances>(store, *keys);
}

bool deployments::load_files(const std::vector<std::filesystem::path>& files, integrations& found,
                             std::vector<manifest::instance_file>& instances,
                             apply_report& report) const {
    for (const std::filesystem::path& file : files) {
        const base::result<manifest::file_kind> kind = manifest::kind_of_file(file);
        if (!kind) {
            report.problems.push_back(kind.error_value());
        } else if (*kind != manifest::file_kind::instance) {
            auto loaded = manifest::load_integration(file);
            append(report.problems, std::move(loaded.problems));
            append(report.warnings, std::move(loaded.warnings));
            if (!loaded.content) continue;
            std::string id = loaded.content->id;
            auto one = std::make_shared<const manifest::integration>(std::move(*loaded.content));
            if (found.emplace(id, std::move(one)).second) continue;
            base::error twice = base::make_error(
                base::error_code::conflict, "there are two integrations \"" + id + "\"",
                "apply one file for each, or give one of them another name");
            twice.where = base::source_position{file.string(), 0, 0};
            report.problems.push_back(std::move(twice));
        } else {
            auto loaded = manifest::load_instance(file);
            append(report.problems, std::move(loaded.problems));
            append(report.warnings, std::move(loaded.warnings));
            if (loaded.content) instances.push_back(std::move(*loaded.content));
        }
    }
    return report.ok();
}

apply_report deployments::apply(const std::vector<std::filesystem::path>& files,
                                const removals& remove) {
    apply_report report;
    integrations found;
    std::vector<manifest::instance_file> files_of_instances;
    if (!load_files(files, found, files_of_instances, report)) return report;

    std::map<std::string, deployed> next;
    for (manifest::instance_file& file : files_of_instances) {
        const auto problem = [&](base::error_code code, std::string message, std::string hint) {
            base::error out = base::make_error(code, std::move(message), std::move(hint));
            out.where = base::source_position{file.source, 0, 0};
            report.problems.push_back(std::move(out));
        };
        const auto integration = found.find(file.integration);
        if (integration == found.end()) {
            problem(base::error_code::not_found,
                    "the instance belongs to integration \"" + file.integration +
                        "\", which is not among the applied files",
                    "apply its integration.yaml in the same command");
            continue;
        }
        append(report.problems, manifest::check_instance(file, *integration->second));
        append(report.warnings, manifest::rename_warnings(file, *integration->second));
        if (remove.asked.contains(file.name)) {
            problem(base::error_code::conflict,
                    "the instance \"" + file.name + "\" is applied and removed in one command",
                    "leave its file out to remove it");
        }
        if (next.contains(file.name)) {
            problem(base::error_code::conflict, "there are two instances \"" + file.name + "\"",
                    "give each instance a name of its own");
            continue;
        }
        std::string name = file.name;
        next.emplace(std::move(name),
                     deployed{std::move(file), integration->second->hash, {}, false});
    }
    if (!report.ok()) return report;

    base::result<void> kept = load_endpoints();
    if (kept) kept = persist(found);
    for (auto& [name, one] : next) {
        if (!kept) break;
        const auto& integration = found[one.file.integration];
        kept = give_endpoints(name, *integration);
        base::result<bound_version> bound = bind(one.file, integration, &report.problems);
        if (bound) {
            one.versions[one.version] = std::move(*bound);
        } else {
            report.problems.push_back(std::move(bound).error_value());
        }
    }
    if (kept_ && kept && report.ok()) {
        const std::map<std::string, deployed> applied = next;
        kept = add_kept(next, remove, report);
        if (kept) kept = keep(applied);
    }
    if (!kept) report.problems.push_back(kept.error_value());
    if (report.ok()) instances_ = std::move(next);
    return report;
}

base::result<void> deployments::add_kept(std::map<std::string, deployed>& to,
                                         const removals& remove, apply_report& report) {
    base::result<std::map<std::string, kept_instance>> kept = kept_->load();
    if (!kept) return std::move(kept).error_value();
    integrations of_version;
    for (auto& [name, one] : *kept) {
        if (to.contains(name)) continue;
        const auto left_out = [&report, &name = name](base::error why) {
            why.message = "the instance \"" + name + "\" does not run: " + why.message;
            why.hint += why.hint.empty() ? "apply its file again" : "; or apply its file again";
            report.warnings.push_back(std::move(why));
        };
        auto& integration = of_version[one.version];
        if (!integration) {
            auto found = kept_version(one.version);
            if (!found) {
                left_out(std::move(found).error_value());
                continue;
            }
            integration = std::move(*found);
        }
        deployed made{std::move(one.file), one.version, {}, remove.contains(name)};
        base::result<bound_version> bound = bind(made.file, integration);
        if (!bound) {
            left_out(std::move(bound).error_value());
            continue;
        }
        if (!made.removing) {
            base::result<void> given = give_endpoints(name, *integration);
            if (!given) return given;
        }
        made.versions[made.version] = std::move(*bound);
        to.emplace(name, std::move(made));
    }
    return {};
}

base::result<void> deployments::keep(const std::map<std::string, deployed>& applied) {
    std::map<std::string, kept_instance> wanted;
    for (const auto& [name, one] : applied) {
        kept_instance complete{one.file, one.version};
        const std::filesystem::path folder = std::filesystem::path(one.file.source).parent_path();
        complete.file.document = with_absolute_files(one.file.document, folder);
        wanted.emplace(name, std::move(complete));
    }
    return kept_->keep(wanted);
}

std::vector<wanted_deployment> deployments::wanted(const std::string& public_url) const {
    std::vector<wanted_deployment> out;
    for (const auto& [name, one] : instances_) {
        wanted_deployment made;
        made.instance = name;
        made.customer = one.file.customer;
        made.remove = one.removing;
        for (const auto& [flow, bound] : one.versions.at(one.version))
            made.flows.push_back(bound);
        const std::filesystem::path folder = std::filesystem::path(one.file.source).parent_path();
        made.fingerprint =
            fingerprint_of(*made.flows.front()->integration,
                           with_absolute_files(one.file.document, folder), public_url);
        out.push_back(std::move(made));
    }
    return out;
}

base::result<void> deployments::persist(const integrations& found) {
    missing_versions_.clear();
    for (const auto& [id, integration] : found) {
        base::result<void> written =
            put(store_, version_kind, integration->hash, json::to_text(integration->document));
        if (!written) return written;
    }
    return {};
}

base::result<void> deployments::load_endpoints() {
    base::result<std::vector<store::config_record>> records = store_.config(endpoint_kind);
    if (!records) return std::move(records).error_value();
    for (const store::config_record& record : *records) {
        base::result<json::value> content = json::parse(record.value_json);
        if (!content) return std::move(content).error_value();
        endpoint one{content->string_or("token", ""), content->string_or("instance", ""),
                     content->string_or("flow", "")};
        std::pair key(one.instance, one.flow);
        endpoints_[std::move(key)] = std::move(one);
    }
    return {};
}

base::result<void> deployments::give_endpoints(const std::string& instance,
                                               const manifest::integration& integration) {
    const std::string owner = address_owner(instance, integration);
    for (const std::string& flow : flows_with_address(integration)) {
        base::result<void> kept = give_endpoint(owner, flow);
        if (!kept) return kept;
    }
    return {};
}

base::result<void> deployments::give_endpoint(const std::string& instance,
                                              const std::string& flow) {
    const std::pair<std::string, std::string> key(instance, flow);
    auto found = endpoints_.find(key);
    if (found == endpoints_.end()) {
        endpoint fresh{base::make_token(random_), instance, flow};
        const json::value record =
            json::value::object({{"token", fresh.token}, {"instance", instance}, {"flow", flow}});
        base::result<void> written =
            put(store_, endpoint_kind, instance + "/" + flow, json::to_text(record));
        if (!written) return written;
        found = endpoints_.emplace(key, std::move(fresh)).first;
    }
    base::add_log_secret(found->second.token);
    by_token_hash_[base::sha256(found->second.token)] = &found->second;
    return {};
}

void deployments::set_public_url(std::string url) {
    public_url_ = std::move(url);
    for (auto& [name, one] : instances_) {
        for (auto& [flow, bound] : one.versions[one.version]) {
            auto again = std::make_shared<engine::bound_flow>(*bound);
            again->instance_info.set("webhooks", webhooks(name, *bound->integration));
            bound = std::move(again);
        }
    }
}

const endpoint* deployments::find_endpoint(std::string_view token) const {
    const auto found = by_token_hash_.find(base::sha256(token));
    return found == by_token_hash_.end() ? nullptr : found->second;
}

std::vector<endpoint> deployments::endpoints() const {
    std::vector<endpoint> out;
    for (const auto& [key, one] : endpoints_) {
        if (find_endpoint(one.token) != nullptr) out.push_back(one);
    }
    return out;
}

// By the name of each webhook flow; where one address serves all of them, also by that of the flow
// that chooses.
json::value deployments::webhooks(const std::string& instance,
                                  const manifest::integration& integration) const {
    json::value out = json::value::object();
    const std::string owner = address_owner(instance, integration);
    const bool shared = !integration.endpoint.preprocess.empty();
    for (const std::string& flow : flows_with_address(integration)) {
        const auto found = endpoints_.find(std::pair(owner, flow));
        if (found == endpoints_.end()) continue;
        const std::string url = public_url_ + found->second.url_path();
        out.set(flow, url);
        if (!shared) continue;
        for (const manifest::flow& other : integration.flows) {
            if (std::holds_alternative<manifest::webhook_trigger>(other.trigger)) {
                out.set(other.name, url);
            }
        }
    }
    return out;
}

base::result<deployments::bound_version> deployments::bind(
    const manifest::instance_file& to, std::shared_ptr<const manifest::integration> integration,
    std::vector<base::error>* more) const {
    base::result<engine::bound_flow> values =
        bind_instance(to, std::move(integration), lookup_, secret_fields_, more);
    if (!values) return std::move(values).error_value();
    values->instance_info.set("webhooks", webhooks(to.name, *values->integration));
    bound_version out;
    for (const manifest::flow& flow : values->integration->flows) {
        auto bound = std::make_shared<engine::bound_flow>(*values);
        bound->flow = &flow;
        out.emplace(flow.name, std::move(bound));
    }
    return out;
}

std::vector<deployed_instance> deployments::instances() const {
    std::vector<deployed_instance> out;
    for (const auto& [name, one] : instances_) {
        const bound_version& newest = one.versions.at(one.version);
        out.push_back({name, one.file.customer, one.file.integration,
                       newest.empty() ? "" : newest.begin()->second->integration->version,
                       one.version});
    }
    return out;
}

std::vector<std::shared_ptr<const engine::bound_flow>> deployments::flows() const {
    std::vector<flow_ptr> all;
    for (const auto& [name, one] : instances_) {
        if (one.removing) continue;
        for (const auto& [flow, bound] : one.versions.at(one.version))
            all.push_back(bound);
    }
    return all;
}

std::shared_ptr<const engine::bound_flow> deployments::current(const std::string& instance,
                                                               const std::string& flow) const {
    const auto found = instances_.find(instance);
    if (found == instances_.end()) return nullptr;
    const bound_version& newest = found->second.versions.at(found->second.version);
    const auto bound = newest.find(flow);
    return bound == newest.end() ? nullptr : bound->second;
}

void deployments::each_sharing(
    const endpoint& address,
    const std::function<void(const flow_ptr&, const std::string& customer)>& visit) const {
    for (const auto& [name, one] : instances_) {
        if (one.removing || one.file.integration != address.integration()) continue;
        const bound_version& newest = one.versions.at(one.version);
        const auto bound = newest.find(address.flow);
        // One that has not been upgraded may still have addresses of its own.
        if (bound == newest.end() || !bound->second->integration->endpoint.route) continue;
        visit(bound->second, one.file.customer);
    }
}

base::result<std::shared_ptr<const engine::bound_flow>> deployments::find(
    const std::string& instance, const std::string& flow, const std::string& version) {
    const auto found = instances_.find(instance);
    if (found == instances_.end()) {
        return base::make_error(base::error_code::not_found,
                                "instance \"" + instance + "\" is not deployed",
                                "apply its file (--apply)");
    }
    deployed& one = found->second;
    auto bound = one.versions.find(version);
    if (bound == one.versions.end()) {
        auto integration = kept_version(version);
        if (!integration) return std::move(integration).error_value();
        base::result<bound_version> old = bind(one.file, std::move(*integration));
        if (!old) return std::move(old).error_value();
        bound = one.versions.emplace(version, std::move(*old)).first;
    }
    const auto wanted = bound->second.find(flow);
    if (wanted != bound->second.end()) return wanted->second;
    return base::make_error(base::error_code::not_found, "integration \"" + one.file.integration +
                                                             "\" has no flow \"" + flow +
                                                             "\" in that version");
}

base::result<std::shared_ptr<const manifest::integration>> deployments::kept_version(
    const std::string& version) {
    const auto missing = [&] {
        return base::make_error(base::error_code::not_found,
                                "version " + version + " of the integration is not in the store");
    };
    // Each of its events asks, and only apply() adds versions.
    if (missing_versions_.contains(version)) return missing();
    base::result<std::vector<store::config_record>> records = store_.config(version_kind);
    if (!records) return std::move(records).error_value();
    for (const store::config_record& record : *records) {
        if (record.key != version) continue;
        auto loaded = manifest::parse_integration(record.value_json, "kept version " + version);
        if (!loaded.content) return loaded.problems.front();
        return std::make_shared<const manifest::integration>(std::move(*loaded.content));
    }
    missing_versions_.insert(version);
    return missing();
}

}  // namespace sluice::instance
