// The functions of `use`.
#include <array>
#include <utility>

#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::array<std::string_view, 8> taken = {"http", "openapi", "grpc", "asyncapi",
                                                   "a2a",  "mcp",     "log",  "flow.start"};

std::shared_ptr<const task> read_declared(declared_function& function, reading& shared) {
    using state = declared_function::state;
    function.progress = state::being_read;
    task_reader inner(0, shared);
    inner.collect_steps_of(function.at.content());
    function.body = std::make_shared<const task>(inner.read_task(function.at, {}));
    function.progress = state::read;
    return function.body;
}

}  // namespace

std::shared_ptr<const task> task_reader::read_function_body(const cursor& call,
                                                            const std::string& name) {
    using state = declared_function::state;
    declared_function& function = shared_.use.functions.find(name)->second;
    shared_.use.used.insert("functions/" + name);
    if (function.progress == state::being_read) {
        call.problem("the function \"" + name + "\" calls itself", "use a loop: for, or then");
        return nullptr;
    }
    return function.progress == state::read ? function.body : read_declared(function, shared_);
}

void read_functions(reading& shared) {
    for (auto& [name, function] : shared.use.functions) {
        for (const std::string_view other : taken) {
            if (name == other) function.at.key_problem("\"" + name + "\" is built in already");
        }
        if (function.progress == declared_function::state::unread) read_declared(function, shared);
    }
}

}  // namespace sluice::manifest
