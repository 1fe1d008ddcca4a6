#include "plugin/current_call.hpp"

namespace sluice::plugin {

current_call& current_call_of_thread() {
    static constinit thread_local current_call current;
    return current;
}

}  // namespace sluice::plugin
