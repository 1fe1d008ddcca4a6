#include "instance/deployments.hpp"

#include <future>
#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

constexpr const char* version_kind = "flow_version";
constexpr const char* endpoint_kind = "endpoint";

base::result<void> put(store::store& store, std::string kind, std::string key, std::string value) {
    std::promise<base::result<void>> written;
    store.put_config(store::config_record{std::move(kind), std::move(key), std::move(value), 0},
                     [&](base::result<void> outcome) { written.set_value(std::move(outcome)); });
    base::result<void> outcome = written.get_future().get();
    // Immutable records: somebody has written the same before.
    if (!outcome && outcome.error_value().code == base::error_code::conflict) return {};
    return outcome;
}

// Credentials must never be written to a log. Addresses are not credentials, and a message without
// them helps nobody.
void hide_from_logs(const json::value& content) {
    if (content.is_string()) {
        const std::string& text = content.as_string();
        if (text.starts_with("http://") || text.starts_with("https://")) return;
        base::add_log_secret(text);
    } else if (content.is_object()) {
        for (const auto& [name, member] : content.members()) {
            if (name != "type") hide_from_logs(member);
        }
    } else if (content.is_array()) {
        for (const json::value& item : content.items())
            hide_from_logs(item);
    }
}

void append(std::vector<base::error>& to, std::vector<base::error> more) {
    for (base::error& one : more)
        to.push_back(std::move(one));
}

}  // namespace

deployments::deployments(store::store& store, base::random_source& random,
                         manifest::environment lookup)
    : store_(store), random_(random), lookup_(std::move(lookup)) {}

bool deployments::load_files(const std::vector<std::filesystem::path>& files, integrations& found,
                             std::vector<manifest::instance_file>& instances,
                             apply_report& report) const {
    for (const std::filesystem::path& file : files) {
        const base::result<manifest::file_kind> kind = manifest::kind_of_file(file);
        if (!kind) {
            report.problems.push_back(kind.error_value());
        } else if (*kind == manifest::file_kind::integration) {
            auto loaded = manifest::load_integration(file);
            append(report.problems, std::move(loaded.problems));
            append(report.warnings, std::move(loaded.warnings));
            if (!loaded.content) continue;
            std::string id = loaded.content->id;
            found[id] = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        } else {
            auto loaded = manifest::load_instance(file);
            append(report.problems, std::move(loaded.problems));
            append(report.warnings, std::move(loaded.warnings));
            if (loaded.content) instances.push_back(std::move(*loaded.content));
        }
    }
    return report.ok();
}

apply_report deployments::apply(const std::vector<std::filesystem::path>& files) {
    apply_report report;
    integrations found;
    std::vector<manifest::instance_file> files_of_instances;
    if (!load_files(files, found, files_of_instances, report)) return report;

    std::map<std::string, deployed> next;
    for (manifest::instance_file& file : files_of_instances) {
        const auto integration = found.find(file.integration);
        if (integration == found.end()) {
            base::error missing =
                base::make_error(base::error_code::not_found,
                                 "the instance belongs to integration \"" + file.integration +
                                     "\", which is not among the applied files",
                                 "apply its integration.yaml in the same command");
            missing.where = base::source_position{file.source, 0, 0};
            report.problems.push_back(std::move(missing));
            continue;
        }
        append(report.problems, manifest::check_instance(file, *integration->second));
        const std::string name = file.name;
        const std::string source = file.source;
        deployed one{std::move(file), integration->second, {}};
        if (!next.emplace(name, std::move(one)).second) {
            base::error twice = base::make_error(base::error_code::conflict,
                                                 "there are two instances \"" + name + "\"",
                                                 "give each instance a name of its own");
            twice.where = base::source_position{source, 0, 0};
            report.problems.push_back(std::move(twice));
        }
    }
    if (!report.ok()) return report;

    base::result<void> kept = load_endpoints();
    if (kept) kept = persist(found);
    for (auto& [name, one] : next) {
        for (const manifest::flow& flow : one.integration->flows) {
            if (kept && std::holds_alternative<manifest::webhook_trigger>(flow.trigger)) {
                kept = give_endpoint(name, flow.name);
            }
        }
    }
    if (!kept) {
        report.problems.push_back(kept.error_value());
        return report;
    }
    for (auto& [name, one] : next) {
        for (const manifest::flow& flow : one.integration->flows) {
            auto bound = bind(one, one.integration, flow.name);
            if (!bound) {
                report.problems.push_back(bound.error_value());
                return report;
            }
            one.flows[flow.name] = std::move(*bound);
        }
    }
    instances_ = std::move(next);
    return report;
}

base::result<void> deployments::persist(const integrations& found) {
    for (const auto& [id, integration] : found) {
        versions_[integration->hash] = integration;
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
        endpoints_[{one.instance, one.flow}] = std::move(one);
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
        for (auto& [flow, bound] : one.flows) {
            auto again = bind(one, bound->integration, flow);
            if (again) bound = std::move(*again);
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
        if (instances_.contains(one.instance)) out.push_back(one);
    }
    return out;
}

json::value deployments::instance_info(const deployed& of,
                                       const manifest::integration& integration) const {
    json::value webhooks = json::value::object();
    for (const manifest::flow& flow : integration.flows) {
        const auto found = endpoints_.find({of.file.name, flow.name});
        if (found != endpoints_.end()) {
            webhooks.set(flow.name, public_url_ + found->second.url_path());
        }
    }
    return json::value::object({{"id", of.file.name},
                                {"customer", of.file.customer},
                                {"integration", integration.id},
                                {"version", integration.version},
                                {"webhooks", std::move(webhooks)}});
}

base::result<std::shared_ptr<const engine::bound_flow>> deployments::bind(
    const deployed& to, std::shared_ptr<const manifest::integration> integration,
    const std::string& flow) const {
    auto bound = std::make_shared<engine::bound_flow>();
    bound->flow = integration->find_flow(flow);
    if (bound->flow == nullptr) {
        return base::make_error(
            base::error_code::not_found,
            "integration \"" + integration->id + "\" has no flow \"" + flow + "\" in that version");
    }
    manifest::values_outcome values = manifest::resolve_values(to.file, *integration, lookup_);
    if (!values.problems.empty()) return values.problems.front();
    bound->instance = to.file.name;
    bound->config = json::value::object();
    for (const auto& [name, content] : values.values.config.members()) {
        const auto declared = integration->config.find(name);
        if (declared != integration->config.end() && declared->second.secret()) {
            hide_from_logs(content);
            bound->secrets[name] = content;
        } else {
            bound->config.set(name, content);
        }
    }
    for (const auto& [name, content] : values.values.connections) {
        hide_from_logs(content);
        bound->connections[name] = json::to_text(content);
    }
    bound->instance_info = instance_info(to, *integration);
    bound->integration = std::move(integration);
    return std::shared_ptr<const engine::bound_flow>(std::move(bound));
}

std::shared_ptr<const engine::bound_flow> deployments::current(const std::string& instance,
                                                               const std::string& flow) {
    const auto found = instances_.find(instance);
    if (found == instances_.end()) return nullptr;
    const auto bound = found->second.flows.find(flow);
    return bound == found->second.flows.end() ? nullptr : bound->second;
}

base::result<std::shared_ptr<const engine::bound_flow>> deployments::find(
    const std::string& instance, const std::string& flow, const std::string& version) {
    const auto found = instances_.find(instance);
    if (found == instances_.end()) {
        return base::make_error(base::error_code::not_found,
                                "instance \"" + instance + "\" is not deployed",
                                "start the host with its file (--apply)");
    }
    deployed& one = found->second;
    const auto bound = one.flows.find(flow);
    if (bound != one.flows.end() && bound->second->integration->hash == version) {
        return bound->second;
    }
    const std::string key = version + '/' + flow;
    if (const auto kept = one.flows.find(key); kept != one.flows.end()) return kept->second;
    auto integration = kept_version(version);
    if (!integration) return std::move(integration).error_value();
    auto old = bind(one, std::move(*integration), flow);
    if (old) one.flows[key] = *old;
    return old;
}

base::result<std::shared_ptr<const manifest::integration>> deployments::kept_version(
    const std::string& version) {
    if (const auto found = versions_.find(version); found != versions_.end()) return found->second;
    base::result<std::vector<store::config_record>> records = store_.config(version_kind);
    if (!records) return std::move(records).error_value();
    for (const store::config_record& record : *records) {
        if (record.key != version) continue;
        auto loaded = manifest::parse_integration(record.value_json, "kept version " + version);
        if (!loaded.content) return loaded.problems.front();
        return versions_[version] =
                   std::make_shared<const manifest::integration>(std::move(*loaded.content));
    }
    return base::make_error(base::error_code::not_found,
                            "version " + version + " of the integration is not in the store");
}

}  // namespace sluice::instance
