// A change of what is deployed, thought through before anything is touched: all or nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "instance/bind.hpp"
#include "instance/change_plan.hpp"
#include "instance/connection_record.hpp"
#include "instance/documents.hpp"
#include "instance/endpoint.hpp"
#include "instance/kept_instances.hpp"
#include "instance/owners.hpp"
#include "instance/releases.hpp"
#include "manifest/load.hpp"
#include "store/store.hpp"

namespace sluice::instance {

using integration_ptr = std::shared_ptr<const manifest::integration>;

// What is deployed at one moment; cheap to copy, nothing in it changes.
struct snapshot {
    kept_map instances;                               // also those that cannot run at the moment
    owner_map owners;                                 // customers and the organization
    std::set<std::string> run;                        // of these, those that can
    std::map<std::string, integration_ptr> versions;  // by hash; the store may have more
    std::map<std::string, addresses_ptr> addresses;   // by owner
    release_lists releases;
    std::string public_url;
    std::set<std::string> leaving;  // their undeploy flows run: nothing else can be done
    std::set<std::string> failed;   // their last deployment did
};

// An instance as it is to be, from what it is. An error: it cannot be.
// `runs` is the version it has.
using edit = std::function<base::result<kept_instance>(
    const kept_instance& now, const manifest::integration& runs, const release_list& releases)>;

struct change_request {
    std::vector<document> documents;
    file_references files = file_references::absolute_only;
    std::map<std::string, edit> edits;  // by instance
    bool dry_run = false;               // nothing is made, not even keys
    // Whether the instances that the request does not name are bound, too: at the start.
    bool bind_all = false;
    bool may_bring_integrations = true;
    // Whether the caller may apply this document of an instance (null: there was none before). An
    // error refuses the whole request. Empty: everything is allowed.
    std::function<base::result<void>(const manifest::instance_file& wanted,
                                     const kept_instance* now)>
        may;
    // The same for a document of a customer or the organization.
    std::function<base::result<void>(const manifest::owner_file& wanted,
                                     const manifest::owner_file* now)>
        may_share;
    // The customer whose record is to go; empty: none.
    std::string remove_customer;
    // Becomes durable in the same transaction; versions are put in.
    std::vector<store::config_change> together;
    secret_fields known;  // see bind.hpp; any thread
    // Those that are here, for warnings about calls; null: not looked at.
    std::shared_ptr<const manifest::connector_catalog> connectors;
};

struct prepared_change {
    std::vector<base::error> problems;  // not empty: nothing else counts
    std::vector<base::error> warnings;
    std::vector<planned> plan;
    struct part {
        kept_ptr kept;
        std::optional<bound_version> flows;  // none: as they are, or it cannot run
        std::string problem = {};            // why it cannot
    };
    std::map<std::string, part> instances;           // those that are touched
    owner_map owners;                                // those that are touched; null: it goes
    std::map<std::string, addresses_ptr> addresses;  // by owner; those that are touched
    std::map<std::string, integration_ptr> versions;
    release_lists releases;                     // those that are touched
    std::vector<store::config_change> changes;  // one transaction
    std::string forgets;  // the owner whose key goes in that transaction; empty: none
    // Of instances that had one of their own: its tokens go in that transaction.
    std::vector<connection_id> now_shared;
    bool ok() const { return problems.empty(); }
};

// Everything here outlives the preparer.
struct prepare_ports {
    store::store& store;
    base::random_source& random;
    manifest::environment lookup;  // for `{ $env: NAME }`; any thread
    vault* keys = nullptr;         // null: nothing of instances is kept
};

// Any thread; blocks. Two changes must not be prepared at once: the second would not know of the
// first.
class preparer {
  public:
    explicit preparer(prepare_ports ports) : ports_(std::move(ports)) {}

    prepared_change prepare(const change_request& request, const snapshot& now) const;

    // Makes the change durable. Any thread; blocks when it forgets an owner. `done` as that of the
    // store.
    void write(std::vector<store::config_change> changes, const std::string& forgets,
               store::store::done done) const;

  private:
    prepare_ports ports_;
};

}  // namespace sluice::instance
