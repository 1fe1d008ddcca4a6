// Which integrations run for which customers: applied from files, kept in the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "engine/ports.hpp"
#include "instance/bind.hpp"
#include "instance/kept_instances.hpp"
#include "instance/wanted_deployment.hpp"
#include "manifest/load.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// The address of a webhook flow of one instance, or of the preprocess flow that chooses between all
// of them (endpoint: scope: instance). One that all instances of an integration share (scope:
// shared) has "*" and the integration's name in place of an instance's. The token is a capability:
// whoever knows it may send. It is kept across restarts and upgrades of the integration.
struct endpoint {
    std::string token;
    std::string instance;
    std::string flow;
    std::string url_path() const { return "/hooks/" + token; }
    bool shared() const { return instance.starts_with('*'); }
    // Of a shared one: "namespace/name".
    std::string_view integration() const { return std::string_view(instance).substr(1); }
};

struct deployed_instance {
    std::string name;
    std::string customer;
    std::string integration;   // "namespace/name"
    std::string version;       // of the integration, as its author counts
    std::string flow_version;  // its content's hash, which executions name
};

struct apply_report {
    std::vector<base::error> problems;  // not empty: nothing was applied
    std::vector<base::error> warnings;
    bool ok() const { return problems.empty(); }
};

// By name.
struct removals {
    std::set<std::string> asked;  // now
    std::set<std::string> begun;  // at an earlier start; an instance that is applied again stays
    bool contains(const std::string& name) const {
        return asked.contains(name) || begun.contains(name);
    }
};

// Loop thread; apply() before the loop runs, because it waits for the store.
class deployments final : public engine::flow_source {
  public:
    // All of it outlives this. `lookup` gives environment variables for `{ $env: NAME }`, `known`
    // tells which fields of connections are secret, `keys` seals what is kept of instances; null:
    // those that are not applied are not there.
    deployments(store::store& store, base::random_source& random, manifest::environment lookup,
                secret_fields known = {}, vault* keys = nullptr);

    // Integrations and instances, in any order, all or nothing. Instances that were applied at an
    // earlier start are there, too, in the version they had; one that cannot run (a variable is not
    // set any more) is left out with a warning. Those in `remove` have no addresses and start
    // nothing but their `undeploy` flows. Blocks until it is durable.
    apply_report apply(const std::vector<std::filesystem::path>& files,
                       const removals& remove = {});

    // Where webhooks reach this host ("https://hooks.example.com"); for $instance.webhooks.
    void set_public_url(std::string url);
    const std::string& public_url() const { return public_url_; }

    // Null when no flow has this token. The time taken does not depend on how much of it is right.
    const endpoint* find_endpoint(std::string_view token) const;
    std::vector<endpoint> endpoints() const;  // by instance and flow

    std::vector<deployed_instance> instances() const;  // by name
    bool has(const std::string& instance) const { return instances_.contains(instance); }

    // How each instance should be. `public_url` is the address that the operator gave, if any.
    std::vector<wanted_deployment> wanted(const std::string& public_url) const;

    // All flows in their newest version, by instance and name; without instances that are removed.
    std::vector<std::shared_ptr<const engine::bound_flow>> flows() const;
    // The newest version of a flow.
    std::shared_ptr<const engine::bound_flow> current(const std::string& instance,
                                                      const std::string& flow) const;
    // Visits the flow of each instance that shares this address, with the name of its customer.
    void each_sharing(const endpoint& address,
                      const std::function<void(const std::shared_ptr<const engine::bound_flow>&,
                                               const std::string& customer)>& visit) const;
    // flow_source: also older versions, which the store has kept.
    base::result<std::shared_ptr<const engine::bound_flow>> find(
        const std::string& instance, const std::string& flow, const std::string& version) override;

  private:
    using flow_ptr = std::shared_ptr<const engine::bound_flow>;
    // All flows of one instance in one version of its integration.
    using bound_version = std::map<std::string, flow_ptr, std::less<>>;
    struct deployed {
        manifest::instance_file file;
        std::string version;  // the newest; key into versions
        std::map<std::string, bound_version> versions;
        bool removing = false;
    };
    using integrations = std::map<std::string, std::shared_ptr<const manifest::integration>>;

    bool load_files(const std::vector<std::filesystem::path>& files, integrations& found,
                    std::vector<manifest::instance_file>& instances, apply_report& report) const;
    // Adds those that are kept and not applied.
    base::result<void> add_kept(std::map<std::string, deployed>& to, const removals& remove,
                                apply_report& report);
    base::result<void> keep(const std::map<std::string, deployed>& applied);
    base::result<void> persist(const integrations& found);
    base::result<void> load_endpoints();
    base::result<void> give_endpoints(const std::string& instance,
                                      const manifest::integration& integration);
    base::result<void> give_endpoint(const std::string& instance, const std::string& flow);
    base::result<std::shared_ptr<const manifest::integration>> kept_version(
        const std::string& version);
    // The error is the last problem; the others go to `more`.
    base::result<bound_version> bind(const manifest::instance_file& to,
                                     std::shared_ptr<const manifest::integration> integration,
                                     std::vector<base::error>* more = nullptr) const;
    json::value webhooks(const std::string& instance,
                         const manifest::integration& integration) const;

    store::store& store_;
    base::random_source& random_;
    manifest::environment lookup_;
    secret_fields secret_fields_;
    std::unique_ptr<kept_instances> kept_;  // null: nothing is kept
    std::string public_url_;
    std::map<std::string, deployed> instances_;
    std::set<std::string> missing_versions_;  // that were looked for in vain
    std::map<std::pair<std::string, std::string>, endpoint> endpoints_;  // by instance and flow
    std::unordered_map<std::string, const endpoint*> by_token_hash_;
};

}  // namespace sluice::instance
