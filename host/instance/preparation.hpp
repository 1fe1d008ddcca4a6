// How one change is thought through; see prepare.hpp. Inside the module only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "instance/prepare.hpp"

namespace sluice::instance {

// Any thread; blocks. All of it outlives the preparation, which is good for one change.
class preparation {
  public:
    preparation(const prepare_ports& ports, const change_request& request, const snapshot& now)
        : ports_(ports), request_(request), now_(now) {}

    prepared_change run();

  private:
    // Instances that share what is wrong would all tell it.
    void refuse(base::error why);
    void refuse_all(std::vector<base::error> all);
    const kept_instance* known(const std::string& name) const;
    release_list releases_of(const std::string& id) const;
    void take_documents();
    // From here on `owners_` is what instances are looked at with.
    void take_owners(std::map<std::string, manifest::owner_file> given);
    void take_owner(const std::string& id, manifest::owner_file file);
    void remove_customer(const std::string& customer);
    void take_document(manifest::instance_file file,
                       const std::map<std::string, integration_ptr>& given);
    // The customer for whom it runs, or ran before it was removed; empty: none.
    std::string customer_of(const std::string& instance, const kept_instance* before);
    // The version that comes with it; else the one it has; else the newest.
    std::string version_for(const manifest::instance_file& file, const kept_instance* before,
                            const std::map<std::string, integration_ptr>& given) const;
    void take_edits();
    bool may_change(const std::string& name);
    void check(const kept_instance& after, const kept_instance* before);
    void touch(const std::string& name, kept_instance after);
    // Instances that use what changes change with it: those that are not named otherwise. Whoever
    // is being removed keeps what its undeploy flows have.
    void touch_sharing();
    // Told where the owner's file changes it.
    void check_sharing(const kept_instance& one);
    // Null, and a problem, when it is not there.
    integration_ptr version(const std::string& hash);
    base::result<integration_ptr> look_for(const std::string& hash);
    void bind_touched();
    void bind_or_refuse(const std::string& name, prepared_change::part& part,
                        const integration_ptr& integration);
    // As they are deployed: with what is shared in its place.
    void add_plan(const std::string& name, const kept_instance* before,
                  const manifest::integration* old, const kept_instance& after,
                  const manifest::integration& version);
    static kept_instance shown(const kept_instance& one, const owner_map& owners);
    // The error is the last problem; the others go to `more`.
    base::result<void> bind(prepared_change::part& part, const integration_ptr& integration,
                            std::vector<base::error>* more = nullptr);
    // Those it has, and new ones for flows that have none.
    addresses_ptr give_addresses(const kept_instance& one, const manifest::integration& of);
    // One that cannot run is left out, and holds up no other; unless it was asked to go.
    void bind_others();
    void write();
    // Tokens of an instance's own connections that it shares from now on: they would be there again
    // when its file goes back.
    void drop_own_tokens(const kept_map& changed);
    void add(base::result<std::vector<store::config_change>> more);

    const prepare_ports& ports_;
    const change_request& request_;
    const snapshot& now_;
    owner_map owners_;                  // as they are to be
    bool denied_ = false;               // the caller may not: what else is wrong is not told
    std::set<std::string> by_sharing_;  // instances that are touched because they share
    prepared_change out_;
};

}  // namespace sluice::instance
