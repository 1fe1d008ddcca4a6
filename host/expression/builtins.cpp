#include "expression/builtins.hpp"

namespace sluice::expression {
namespace {

// Names that begin with "_" serve the prelude.
template <class Visit>
void each_builtin(Visit&& visit) {
    for (const auto table :
         {value_builtins(), array_builtins(), json_builtins(), order_builtins(), text_builtins(),
          regex_builtins(), number_builtins(), time_builtins(), control_builtins()}) {
        for (const builtin& known : table)
            visit(known);
    }
}

}  // namespace

const builtin* find_builtin(std::string_view name, std::size_t arguments) {
    const builtin* found = nullptr;
    each_builtin([&](const builtin& known) {
        if (known.name == name && known.arguments == arguments) found = &known;
    });
    return found;
}

std::vector<std::string> known_functions() {
    std::vector<std::string> names;
    each_builtin([&names](const builtin& known) {
        if (known.name.front() != '_') {
            names.push_back(std::string(known.name) + "/" + std::to_string(known.arguments));
        }
    });
    append_prelude_names(names);
    return names;
}

}  // namespace sluice::expression
