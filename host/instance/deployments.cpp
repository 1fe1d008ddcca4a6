#include "instance/deployments.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "base/log.hpp"
#include "instance/fingerprint.hpp"
#include "instance/kept_owners.hpp"
#include "store/change_now.hpp"

namespace sluice::instance {

deployments::deployments(store::store& store, base::random_source& random,
                         manifest::environment lookup, secret_fields known, vault* keys)
    : store_(store),
      lookup_(std::move(lookup)),
      secret_fields_(std::move(known)),
      preparer_(std::make_shared<const preparer>(prepare_ports{store, random, lookup_, keys})) {
    if (keys != nullptr) kept_ = std::make_unique<const kept_instances>(store, *keys);
    keys_ = keys;
}

// What the store has. Its instances are left out until they are bound.
base::result<void> deployments::load() {
    if (loaded_) return {};
    auto its = read_addresses(store_);
    if (!its) return std::move(its).error_value();
    addresses_ = std::move(*its);
    auto releases = read_releases(store_);
    if (!releases) return std::move(releases).error_value();
    releases_ = std::move(*releases);
    if (kept_) {
        base::result<kept_map> kept = kept_->load();
        if (!kept) return std::move(kept).error_value();
        for (auto& [name, one] : *kept)
            leave_out(name, {std::move(one), "it has not been looked at yet"});
        base::result<owner_map> owners = kept_owners(store_, *keys_).load();
        if (!owners) return std::move(owners).error_value();
        owners_ = std::move(*owners);
    }
    loaded_ = true;
    return {};
}

apply_report deployments::apply(const std::vector<std::filesystem::path>& files,
                                const std::set<std::string>& remove) {
    apply_report report;
    if (base::result<void> read = load(); !read) {
        report.problems.push_back(read.error_value());
        return report;
    }
    change_request request;
    request.documents = documents_of(files, report.problems);
    if (!report.ok()) return report;
    request.files = file_references::beside_the_document;
    request.bind_all = true;
    request.known = secret_fields_;
    const snapshot before = now();
    for (const std::string& name : remove) {
        // What is not here cannot go; whoever asked is told by what is wanted then.
        if (!before.instances.contains(name)) continue;
        request.edits.emplace(name, [](const kept_instance& one, const auto&, const auto&) {
            kept_instance gone = one;
            gone.removing = true;
            return base::result<kept_instance>(std::move(gone));
        });
    }
    prepared_change change = preparer_->prepare(request, before);
    report.problems = std::move(change.problems);
    report.warnings = std::move(change.warnings);
    if (!report.ok()) return report;
    if (!change.changes.empty()) {
        auto written = store::change_config_now(store_, std::move(change.changes));
        if (!written) report.problems.push_back(written.error_value());
    }
    if (report.ok()) take(std::move(change));
    return report;
}

snapshot deployments::now() const {
    snapshot out;
    for (const auto& [name, one] : left_out_)
        out.instances.emplace(name, one.kept);
    for (const auto& [name, one] : instances_) {
        out.instances.insert_or_assign(name, one.kept);
        out.run.insert(name);
    }
    out.owners = owners_;
    out.versions = versions_;
    out.addresses = addresses_;
    out.releases = releases_;
    out.public_url = public_url_;
    return out;
}

void deployments::take(prepared_change change) {
    missing_versions_.clear();
    for (auto& [hash, integration] : change.versions)
        versions_.insert_or_assign(hash, std::move(integration));
    for (auto& [id, list] : change.releases)
        releases_.insert_or_assign(id, std::move(list));
    for (auto& [id, one] : change.owners) {
        if (one) {
            owners_.insert_or_assign(id, std::move(one));
        } else {
            owners_.erase(id);
        }
    }
    for (auto& [owner, its] : change.addresses) {
        withdraw(owner);
        addresses_.insert_or_assign(owner, std::move(its));
        // Of all instances: which of them share it is found out for each request.
        if (owner.starts_with('*')) publish(*addresses_[owner]);
    }
    for (auto& [name, part] : change.instances) {
        withdraw(name);
        const auto found = instances_.find(name);
        if (!part.flows && found == instances_.end()) {
            leave_out(name, {std::move(part.kept), std::move(part.problem)});
            continue;
        }
        left_out_.erase(name);
        deployed& one = instances_[name];
        one.kept = std::move(part.kept);
        if (part.flows) {
            const auto& integration = part.flows->begin()->second->integration;
            releases_[integration->id].add_old({integration->version, integration->hash});
            // Older versions are bound anew when somebody asks: with the new values.
            one.versions.clear();
            one.versions.emplace(one.kept->version, std::move(*part.flows));
        }
        publish(one);
    }
}

// Its addresses are known still: what comes to them is not for nobody, but for later.
void deployments::leave_out(const std::string& name, left_out one) {
    const auto its = addresses_.find(name);
    if (its != addresses_.end() && !one.kept->removing) publish(*its->second);
    left_out_.insert_or_assign(name, std::move(one));
}

void deployments::forget(const std::string& instance) {
    withdraw(instance);
    addresses_.erase(instance);
    instances_.erase(instance);
    left_out_.erase(instance);
}

// Only addresses of what the newest version has: others of the instance wait for it to come back.
void deployments::publish(const deployed& one) {
    const auto its = addresses_.find(one.kept->file.name);
    if (one.kept->removing || its == addresses_.end()) return;
    const manifest::integration& integration = *one.newest().begin()->second->integration;
    if (address_owner(its->first, integration) != its->first) return;
    for (const std::string& flow : flows_with_address(integration)) {
        const auto found = its->second->find(flow);
        if (found != its->second->end()) publish(found->second);
    }
}

void deployments::publish(const addresses& all) {
    for (const auto& [flow, one] : all)
        publish(one);
}

void deployments::publish(const endpoint& one) {
    base::add_log_secret(one.token);
    by_token_hash_.insert_or_assign(base::sha256(one.token), &one);
}

void deployments::withdraw(const std::string& owner) {
    const auto its = addresses_.find(owner);
    if (its == addresses_.end()) return;
    for (const auto& [flow, one] : *its->second)
        by_token_hash_.erase(base::sha256(one.token));
}

void deployments::set_public_url(std::string url) {
    public_url_ = std::move(url);
    for (auto& [name, one] : instances_) {
        for (auto& [flow, bound] : one.versions[one.kept->version]) {
            auto again = std::make_shared<engine::bound_flow>(*bound);
            again->instance_info.set("webhooks", webhooks(name, *bound->integration));
            bound = std::move(again);
        }
    }
}

json::value deployments::webhooks(const std::string& instance,
                                  const manifest::integration& of) const {
    const auto its = addresses_.find(address_owner(instance, of));
    return its == addresses_.end() ? json::value::object()
                                   : webhooks_of(of, *its->second, public_url_);
}

const endpoint* deployments::find_endpoint(std::string_view token) const {
    const auto found = by_token_hash_.find(base::sha256(token));
    return found == by_token_hash_.end() ? nullptr : found->second;
}

std::vector<endpoint> deployments::endpoints() const {
    std::vector<endpoint> out;
    for (const auto& [owner, ignored] : addresses_) {
        for (endpoint& one : endpoints(owner))
            out.push_back(std::move(one));
    }
    return out;
}

std::vector<endpoint> deployments::endpoints(const std::string& owner) const {
    std::vector<endpoint> out;
    const auto its = addresses_.find(owner);
    if (its == addresses_.end()) return out;
    for (const auto& [flow, one] : *its->second) {
        if (find_endpoint(one.token) != nullptr) out.push_back(one);
    }
    return out;
}

wanted_deployment deployments::wanted_of(const deployed& one, const std::string& public_url) const {
    wanted_deployment out;
    out.instance = one.kept->file.name;
    out.customer = one.kept->file.customer;
    out.remove = one.kept->removing;
    for (const auto& [flow, bound] : one.newest())
        out.flows.push_back(bound);
    out.fingerprint = fingerprint_of(*out.flows.front()->integration,
                                     with_shared(one.kept->file, owners_), public_url);
    return out;
}

std::vector<wanted_deployment> deployments::wanted(const std::string& public_url) const {
    std::vector<wanted_deployment> out;
    for (const auto& [name, one] : instances_)
        out.push_back(wanted_of(one, public_url));
    return out;
}

std::vector<wanted_deployment> deployments::wanted(
    const std::string& public_url, const std::vector<std::string>& instances) const {
    std::vector<wanted_deployment> out;
    for (const std::string& name : instances) {
        const auto found = instances_.find(name);
        if (found != instances_.end()) out.push_back(wanted_of(found->second, public_url));
    }
    return out;
}

deployed_instance deployments::description_of(const deployed& one) const {
    const manifest::integration& integration = *one.newest().begin()->second->integration;
    deployed_instance out{one.kept->file.name, one.kept->file.customer, integration.id,
                          integration.version, one.kept->version,       {},
                          one.kept->paused};
    const auto list = releases_.find(integration.id);
    if (list != releases_.end()) {
        const release* const before = list->second.find_hash(one.kept->previous);
        if (before != nullptr) out.previous = before->version;
    }
    return out;
}

deployed_instance deployments::description_of(const left_out& one) const {
    const manifest::instance_file& file = one.kept->file;
    deployed_instance out{file.name, file.customer,   file.integration, {}, one.kept->version,
                          {},        one.kept->paused};
    out.problem = one.problem;
    const auto list = releases_.find(file.integration);
    if (list == releases_.end()) return out;
    if (const release* now = list->second.find_hash(one.kept->version)) out.version = now->version;
    const release* const before = list->second.find_hash(one.kept->previous);
    if (before != nullptr) out.previous = before->version;
    return out;
}

std::vector<deployed_instance> deployments::instances() const {
    std::map<std::string, deployed_instance> all;
    for (const auto& [name, one] : instances_)
        all.emplace(name, description_of(one));
    for (const auto& [name, one] : left_out_)
        all.emplace(name, description_of(one));
    std::vector<deployed_instance> out;
    for (auto& [name, one] : all)
        out.push_back(std::move(one));
    return out;
}

std::optional<deployed_instance> deployments::find_instance(const std::string& name) const {
    const auto found = instances_.find(name);
    if (found != instances_.end()) return description_of(found->second);
    const auto other = left_out_.find(name);
    if (other == left_out_.end()) return std::nullopt;
    return description_of(other->second);
}

bool deployments::is_paused(const std::string& instance) const {
    const auto found = instances_.find(instance);
    return found != instances_.end() && found->second.kept->paused;
}

kept_ptr deployments::kept(const std::string& instance) const {
    const auto found = instances_.find(instance);
    if (found != instances_.end()) return found->second.kept;
    const auto other = left_out_.find(instance);
    return other == left_out_.end() ? nullptr : other->second.kept;
}

void deployments::each_kept(const std::function<void(const kept_instance&)>& visit) const {
    for (const auto& [name, one] : instances_)
        visit(*one.kept);
    for (const auto& [name, one] : left_out_)
        visit(*one.kept);
}

std::vector<flow_ptr> deployments::flows() const {
    std::vector<flow_ptr> all;
    for (const auto& [name, one] : instances_) {
        if (!one.starts()) continue;
        for (const auto& [flow, bound] : one.newest())
            all.push_back(bound);
    }
    return all;
}

std::vector<flow_ptr> deployments::flows(const std::vector<std::string>& instances) const {
    std::vector<flow_ptr> all;
    for (const std::string& name : instances) {
        const auto found = instances_.find(name);
        if (found == instances_.end() || !found->second.starts()) continue;
        for (flow_ptr& one : flows_of(name))
            all.push_back(std::move(one));
    }
    return all;
}

std::vector<flow_ptr> deployments::flows_of(const std::string& instance) const {
    std::vector<flow_ptr> all;
    const auto found = instances_.find(instance);
    if (found == instances_.end()) return all;
    for (const auto& [flow, bound] : found->second.newest())
        all.push_back(bound);
    return all;
}

flow_ptr deployments::current(const std::string& instance, const std::string& flow) const {
    const auto found = instances_.find(instance);
    if (found == instances_.end()) return nullptr;
    const bound_version& newest = found->second.newest();
    const auto bound = newest.find(flow);
    return bound == newest.end() ? nullptr : bound->second;
}

void deployments::each_sharing(
    const endpoint& address,
    const std::function<void(const flow_ptr&, const std::string& customer)>& visit) const {
    for (const auto& [name, one] : instances_) {
        const manifest::instance_file& file = one.kept->file;
        if (one.kept->removing || file.integration != address.integration()) continue;
        const bound_version& newest = one.newest();
        const auto bound = newest.find(address.flow);
        // One that has not been upgraded may still have addresses of its own.
        if (bound == newest.end() || !bound->second->integration->endpoint.route) continue;
        visit(bound->second, file.customer);
    }
}

base::result<flow_ptr> deployments::find(const std::string& instance, const std::string& flow,
                                         const std::string& version) {
    const auto found = instances_.find(instance);
    if (found == instances_.end()) {
        return base::make_error(base::error_code::not_found,
                                "instance \"" + instance + "\" is not deployed",
                                "apply its file (sluice apply -f FILE)");
    }
    deployed& one = found->second;
    auto bound = one.versions.find(version);
    if (bound == one.versions.end()) {
        base::result<integration_ptr> integration = kept_version(version);
        if (!integration) return std::move(integration).error_value();
        base::result<bound_version> old =
            bind_flows(one.kept->file, *integration, owners_, lookup_, secret_fields_,
                       webhooks(instance, **integration));
        if (!old) return std::move(old).error_value();
        bound = one.versions.emplace(version, std::move(*old)).first;
    }
    const auto wanted = bound->second.find(flow);
    if (wanted != bound->second.end()) return wanted->second;
    return base::make_error(base::error_code::not_found,
                            "integration \"" + one.kept->file.integration + "\" has no flow \"" +
                                flow + "\" in that version");
}

base::result<integration_ptr> deployments::kept_version(const std::string& version) {
    if (const auto known = versions_.find(version); known != versions_.end()) return known->second;
    // Each of its events asks, and only changes add versions.
    if (missing_versions_.contains(version)) {
        return base::make_error(base::error_code::not_found,
                                "version " + version + " of the integration is not in the store");
    }
    base::result<integration_ptr> found = read_version(store_, version);
    if (found) {
        versions_.emplace(version, *found);
    } else if (found.error_value().code == base::error_code::not_found) {
        missing_versions_.insert(version);
    }
    return found;
}

}  // namespace sluice::instance
