// What the program's exit code says (README, "run it").
#pragma once

namespace sluice::cli {

enum exit_code : int {
    exit_ok = 0,
    exit_refused = 1,      // what was asked for was refused, failed, or is not there
    exit_usage = 2,        // the command line is wrong
    exit_environment = 3,  // the machine does not let us: folder in use, port taken, disk error
};

}  // namespace sluice::cli
