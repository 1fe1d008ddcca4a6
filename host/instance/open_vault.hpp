// The vault of a host that starts: with the master key it was given, or with a new one.
#pragma once

#include <memory>

#include "base/random.hpp"
#include "base/result.hpp"
#include "instance/master_keys.hpp"
#include "instance/vault.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// A key file that is not there is made when nothing was ever sealed; later its absence is an
// error. Blocks.
base::result<std::unique_ptr<vault>> open_vault(store::store& store, const master_key_source& from,
                                                const manifest::environment& lookup,
                                                base::random_source& random);

}  // namespace sluice::instance
