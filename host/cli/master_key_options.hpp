// --master-key-file, --master-key-env, --master-key-command.
#pragma once

#include "instance/master_keys.hpp"

namespace CLI {
class App;
}

namespace sluice::cli {

void add_master_key_options(CLI::App& command, instance::master_key_source& into);
// Whether one of them was given.
bool is_given(const instance::master_key_source& key);

}  // namespace sluice::cli
