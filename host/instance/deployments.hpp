// Which integrations run for which customers: applied from files, kept in the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "engine/ports.hpp"
#include "instance/prepare.hpp"
#include "instance/wanted_deployment.hpp"
#include "store/store.hpp"

namespace sluice::instance {

struct deployed_instance {
    std::string name;
    std::string customer;
    std::string integration;   // "namespace/name"
    std::string version;       // of the integration, as its author counts
    std::string flow_version;  // its content's hash, which executions name
    std::string previous;      // the version before the last change of it; empty: none
    bool paused = false;
    std::string problem = {};  // why it does not run; empty: it does
};

struct apply_report {
    std::vector<base::error> problems;  // not empty: nothing was applied
    std::vector<base::error> warnings;
    bool ok() const { return problems.empty(); }
};

// Loop thread; apply() before the loop runs, because it waits for the store. While it runs, changes
// go through `changes`.
class deployments final : public engine::flow_source {
  public:
    // All of it outlives this. `lookup` gives environment variables for `{ $env: NAME }` (any
    // thread), `known` tells which fields of connections are secret, `keys` seals what is kept of
    // instances; null: those that are not applied are not there.
    deployments(store::store& store, base::random_source& random, manifest::environment lookup,
                secret_fields known = {}, vault* keys = nullptr);

    // Integrations and instances, in any order, all or nothing. Instances that were applied at an
    // earlier start are there, too, in the version they had; one that cannot run (a variable is not
    // set any more) is left out with a warning. Those in `remove` have no addresses and start
    // nothing but their `undeploy` flows. Blocks until it is durable.
    apply_report apply(const std::vector<std::filesystem::path>& files,
                       const std::set<std::string>& remove = {});

    // For a change while the host runs: what it is prepared on, and by what (it may outlive this).
    snapshot now() const;
    std::shared_ptr<const preparer> preparing() const { return preparer_; }
    // The change is durable: from now on its flows are the ones that start.
    void take(prepared_change change);
    // It is gone, and the store has forgotten it.
    void forget(const std::string& instance);

    // Where webhooks reach this host ("https://hooks.example.com"); for $instance.webhooks.
    void set_public_url(std::string url);
    const std::string& public_url() const { return public_url_; }

    // Null when no flow has this token. The time taken does not depend on how much of it is right.
    const endpoint* find_endpoint(std::string_view token) const;
    std::vector<endpoint> endpoints() const;                          // by instance and flow
    std::vector<endpoint> endpoints(const std::string& owner) const;  // see address_owner

    // Customers and the organization with what they share. Null: it has no document here.
    const owner* find_owner(const std::string& id) const {
        return instance::find_owner(owners_, id);
    }
    const owner_map& owners() const { return owners_; }
    // All customers by name: those with a document of their own, and those that instances name.
    std::set<std::string> customers() const;
    bool has_customer(const std::string& name) const;
    // The instances that run of a customer, by name.
    std::vector<std::string> instances_of(const std::string& customer) const;
    // The same for all customers at once, by customer.
    std::map<std::string, std::vector<std::string>> instances_by_customer() const;
    // Those that use shared connections, by owner and connection.
    using users_map = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;
    users_map users() const;

    // By name; those that cannot run (a variable is not set any more) with their problem.
    std::vector<deployed_instance> instances() const;
    std::optional<deployed_instance> find_instance(const std::string& name) const;
    bool has(const std::string& instance) const { return runs(instance) || is_left_out(instance); }
    bool runs(const std::string& instance) const { return instances_.contains(instance); }
    bool is_left_out(const std::string& instance) const { return left_out_.contains(instance); }
    bool is_paused(const std::string& instance) const;
    // What is kept of it; null when it is not there.
    kept_ptr kept(const std::string& instance) const;
    const release_lists& releases() const { return releases_; }

    // How each instance should be. `public_url` is the address that the operator gave, if any.
    std::vector<wanted_deployment> wanted(const std::string& public_url) const;
    // The same for some of them; those that are not there are left out.
    std::vector<wanted_deployment> wanted(const std::string& public_url,
                                          const std::vector<std::string>& instances) const;

    // All flows in their newest version, by instance and name; without instances that are removed
    // or paused: those that may start.
    std::vector<flow_ptr> flows() const;
    // The same for some instances.
    std::vector<flow_ptr> flows(const std::vector<std::string>& instances) const;
    // Those of one instance, whatever it may start.
    std::vector<flow_ptr> flows_of(const std::string& instance) const;
    // flow_source: the newest version of a flow.
    flow_ptr current(const std::string& instance, const std::string& flow) const override;
    // Visits the flow of each instance that shares this address, with the name of its customer.
    void each_sharing(
        const endpoint& address,
        const std::function<void(const flow_ptr&, const std::string& customer)>& visit) const;
    // flow_source: also older versions, which the store has kept.
    base::result<flow_ptr> find(const std::string& instance, const std::string& flow,
                                const std::string& version) override;

  private:
    struct deployed {
        kept_ptr kept;
        std::map<std::string, bound_version> versions;  // kept->version is the newest
        const bound_version& newest() const { return versions.at(kept->version); }
        bool starts() const { return !kept->removing && !kept->paused; }
    };

    struct left_out {
        kept_ptr kept;
        std::string problem;
    };

    base::result<void> load();
    void leave_out(const std::string& name, left_out one);
    deployed_instance description_of(const left_out& one) const;
    // Of those that run and those that cannot.
    void each_kept(const std::function<void(const kept_instance&)>& visit) const;
    void publish(const deployed& one);
    void publish(const addresses& all);
    void publish(const endpoint& one);
    void withdraw(const std::string& owner);
    json::value webhooks(const std::string& instance, const manifest::integration& of) const;
    wanted_deployment wanted_of(const deployed& one, const std::string& public_url) const;
    deployed_instance description_of(const deployed& one) const;
    base::result<integration_ptr> kept_version(const std::string& version);

    store::store& store_;
    manifest::environment lookup_;
    secret_fields secret_fields_;
    vault* keys_ = nullptr;                       // null: nothing is kept
    std::unique_ptr<const kept_instances> kept_;  // null: the same
    std::shared_ptr<const preparer> preparer_;
    std::string public_url_;
    bool loaded_ = false;
    std::map<std::string, deployed> instances_;  // those that run
    std::map<std::string, left_out> left_out_;   // those that cannot
    owner_map owners_;                           // customers and the organization
    std::map<std::string, integration_ptr> versions_;
    release_lists releases_;
    std::set<std::string> missing_versions_;          // that were looked for in vain
    std::map<std::string, addresses_ptr> addresses_;  // by owner
    std::unordered_map<std::string, const endpoint*> by_token_hash_;
};

}  // namespace sluice::instance
