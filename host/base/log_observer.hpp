// Who else sees what is logged: it can be followed and kept with what it is about.
#pragma once

#include <functional>

#include "base/log_format.hpp"

namespace sluice::base {

// Called with each entry that is written, redacted, on the thread that logs: quick, without waiting
// and without logging itself. Empty: nobody. Returns when no call of the former one runs any more.
void observe_log(std::function<void(const log_entry&)> observer);

}  // namespace sluice::base
