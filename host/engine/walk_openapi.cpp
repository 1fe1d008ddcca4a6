// call: openapi (a stand-in while the reader of descriptions is on its way).
#include "engine/execution.hpp"

namespace sluice::engine {
base::task<outcome> walk::run_openapi(const manifest::task& task, const manifest::openapi_task&,
                                      const json::value&) {
    co_return faulted_with(fault_of_call(
        base::make_error(base::error_code::unsupported, "call: openapi"), 0, task.reference));
}
}  // namespace sluice::engine
