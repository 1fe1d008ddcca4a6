// sluice connector check
#pragma once

namespace CLI {
class App;
}

namespace sluice::cli {

// Under `group`, the command `connector`.
void add_connector_check_command(CLI::App& group, int& code);

}  // namespace sluice::cli
