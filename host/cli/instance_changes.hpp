#pragma once

namespace CLI {
class App;
}

namespace sluice::cli {

// sluice instance pause, resume, upgrade, rollback, remove, set: into the group `instance`.
void add_instance_changes(CLI::App& group, int& code);

}  // namespace sluice::cli
