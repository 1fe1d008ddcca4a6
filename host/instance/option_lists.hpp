// The choices of a picklist of one instance: the manifest's, or asked of the connector's action
// that the variable names.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "engine/ports.hpp"
#include "json/value.hpp"
#include "manifest/config_declaration.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// Everything here outlives the lists.
struct option_ports {
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    engine::call_port& calls;  // that gives connections their tokens
};

// Loop thread.
class option_lists {
  public:
    using options = std::vector<manifest::config_option>;
    using listed = std::function<void(base::result<options>)>;

    explicit option_lists(option_ports ports) : ports_(ports) {}

    // `of`: any flow of the instance. `values` are taken as if they were set: an object, by
    // variable. `done` runs once, on the loop, at once or later.
    // Errors: not_found, no such variable; invalid_input, a value does not fit or is a secret;
    // conflict, it is no picklist, or what its choices depend on has no value; unavailable, the
    // action failed or gave no options. Messages hold no secrets.
    void list(const std::shared_ptr<const engine::bound_flow>& of, const std::string& variable,
              const json::value& values, const listed& done);

  private:
    option_ports ports_;
};

}  // namespace sluice::instance
