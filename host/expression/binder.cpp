#include "expression/binder.hpp"

#include <algorithm>
#include <utility>

#include "expression/analysis.hpp"
#include "expression/evaluator.hpp"
#include "expression/formats.hpp"
#include "expression/parser.hpp"
#include "expression/suggestion.hpp"

namespace sluice::expression {
namespace {

// Names that other languages have, and what is written here.
std::string hint_from_elsewhere(std::string_view name) {
    constexpr std::pair<std::string_view, std::string_view> elsewhere[] = {
        {"uppercase", "ascii_upcase"},
        {"upper", "ascii_upcase"},
        {"toUpperCase", "ascii_upcase"},
        {"lowercase", "ascii_downcase"},
        {"lower", "ascii_downcase"},
        {"toLowerCase", "ascii_downcase"},
        {"len", "length"},
        {"size", "length"},
        {"count", "length"},
        {"sum", "add"},
        {"concat", "a + b"},
        {"includes", "contains(..)"},
        {"filter", "map(select(..))"},
        {"replace", "gsub(\"..\"; \"..\")"},
        {"substring", ".[from:to]"},
        {"substr", ".[from:to]"},
        {"slice", ".[from:to]"},
        {"coalesce", "a // b"},
        {"parseInt", "tonumber"},
        {"int", "tonumber"},
        {"number", "tonumber"},
        {"string", "tostring"},
        {"str", "tostring"},
        {"uniq", "unique"},
    };
    for (const auto& [there, here] : elsewhere) {
        if (there == name) return "write " + std::string(here);
    }
    return {};
}

// When only the number of arguments is wrong; `known` are all functions, like "join/1".
std::string hint_of_arguments(const std::string& name, std::vector<std::string> known) {
    std::ranges::sort(known);
    const auto twice = std::ranges::unique(known);
    known.erase(twice.begin(), twice.end());
    std::string counts;
    for (const std::string& each : known) {
        if (!each.starts_with(name + "/")) continue;
        counts += (counts.empty() ? "" : " or ") + each.substr(name.size() + 1);
    }
    if (counts.empty()) return {};
    return name + " takes " + counts + (counts == "1" ? " argument" : " arguments") +
           (counts == "0" || counts == "1" ? "" : ", with ; between them");
}

// A name in scope. `depth` counts the frames that exist at run time where it was declared.
struct declared {
    enum class kind { variable, parameter, function, label };
    kind is;
    std::string name;
    int depth = 0;
    int slot = 0;
    const function* definition = nullptr;
};

class binder {
  public:
    binder(std::span<const std::string> variable_names, compiled& into)
        : allowed_(variable_names), into_(into) {}

    void bind(node& code);

  private:
    void bind_children(node& code);
    void bind_patterns(node& code);
    void bind_pattern(pattern& shape);
    void declare_variables(const node& code);
    void bind_definition(node& code);
    void bind_function(function& of);
    void bind_call(node& code);
    bool bind_declared_call(node& code);
    static bool bind_constant(node& code);
    const function* prelude_function(const node& call);
    void bind_variable(node& code);
    void bind_label(node& code);
    void bind_leave(node& code);
    void check_format(const node& code) const;
    [[noreturn]] void fail_unknown_function(const node& code) const;
    [[noreturn]] void fail_unknown_variable(const node& code) const;

    std::span<const std::string> allowed_;
    compiled& into_;
    std::vector<declared> names_;
    int depth_ = 0;
};

void binder::bind_children(node& code) {
    for (const node_ptr& child : code.children) {
        if (child) bind(*child);
    }
}

void binder::bind(node& code) {
    switch (code.kind) {
        case node_kind::call:
            return bind_call(code);
        case node_kind::variable:
            return bind_variable(code);
        case node_kind::definition:
            return bind_definition(code);
        case node_kind::label:
            return bind_label(code);
        case node_kind::leave:
            return bind_leave(code);
        case node_kind::format:
        case node_kind::text:
            check_format(code);
            return bind_children(code);
        case node_kind::bind:
        case node_kind::reduce:
        case node_kind::foreach_loop:
            return bind_patterns(code);
        default:
            return bind_children(code);
    }
}

// The source (and the start of reduce and foreach) do not see the names; the rest does.
void binder::bind_patterns(node& code) {
    const std::size_t outside = code.kind == node_kind::bind ? 1 : 2;
    for (std::size_t i = 0; i < outside; ++i)
        bind(*code.child(i));
    const std::size_t before = names_.size();
    ++depth_;
    declare_variables(code);
    for (pattern& shape : code.patterns)
        bind_pattern(shape);
    for (std::size_t i = outside; i < code.children.size(); ++i) {
        if (code.child(i) != nullptr) bind(*code.child(i));
    }
    --depth_;
    names_.resize(before);
}

void collect_names(const pattern& shape, std::vector<std::pair<int, std::string>>& into) {
    if (shape.variable >= 0) into.emplace_back(shape.variable, shape.name);
    for (const pattern& item : shape.items)
        collect_names(item, into);
    for (const pattern::entry& entry : shape.entries) {
        if (entry.variable >= 0) into.emplace_back(entry.variable, entry.name);
        if (entry.content) collect_names(*entry.content, into);
    }
}

void binder::declare_variables(const node& code) {
    std::vector<std::pair<int, std::string>> found;
    for (const pattern& shape : code.patterns)
        collect_names(shape, found);
    for (auto& [slot, name] : found) {
        names_.push_back({declared::kind::variable, name, depth_, slot, nullptr});
    }
}

void binder::bind_pattern(pattern& shape) {
    for (pattern& item : shape.items)
        bind_pattern(item);
    for (pattern::entry& entry : shape.entries) {
        bind(*entry.key);
        if (entry.content) bind_pattern(*entry.content);
    }
}

void binder::bind_definition(node& code) {
    const std::size_t before = names_.size();
    bind_function(*code.defined);
    bind(*code.child(0));
    names_.resize(before);
}

// Leaves the function declared.
void binder::bind_function(function& of) {
    names_.push_back({declared::kind::function, of.name, depth_, 0, &of});
    const std::size_t before = names_.size();
    const int outer_depth = depth_;
    for (const std::string& parameter : of.parameters) {
        ++depth_;
        names_.push_back({declared::kind::parameter, parameter, depth_, 0, nullptr});
    }
    bind(*of.body);
    depth_ = outer_depth;
    names_.resize(before);
}

void binder::bind_call(node& code) {
    bind_children(code);
    if (bind_declared_call(code)) return;
    if (bind_constant(code)) return;
    code.hops = depth_;  // what follows is outside of all frames
    code.native = find_builtin(code.name, code.children.size());
    if (code.native != nullptr) return;
    code.target = prelude_function(code);
    if (code.target == nullptr) fail_unknown_function(code);
}

bool binder::bind_declared_call(node& code) {
    for (auto known = names_.rbegin(); known != names_.rend(); ++known) {
        if (known->name != code.name) continue;
        if (known->is == declared::kind::parameter && code.children.empty()) {
            code.kind = node_kind::call_closure;
            code.hops = depth_ - known->depth;
            return true;
        }
        if (known->is == declared::kind::function &&
            known->definition->parameters.size() == code.children.size()) {
            code.target = known->definition;
            code.hops = depth_ - known->depth;
            return true;
        }
    }
    return false;
}

bool binder::bind_constant(node& code) {
    if (!code.children.empty()) return false;
    if (code.name == "true" || code.name == "false") {
        code.value = code.name == "true";
    } else if (code.name != "null") {
        return false;
    }
    code.kind = node_kind::literal;
    return true;
}

const function* binder::prelude_function(const node& call) {
    for (const auto& known : into_.prelude) {
        if (known->name == call.name && known->parameters.size() == call.children.size()) {
            return known.get();
        }
    }
    const std::string_view text = find_prelude(call.name, call.children.size());
    if (text.empty()) return nullptr;
    into_.prelude.push_back(std::move(parser(text).parse_definitions().front()));
    function* const made = into_.prelude.back().get();
    // Its names are its own: it sees none of the program's.
    std::vector<declared> outer_names = std::exchange(names_, {});
    const int outer_depth = std::exchange(depth_, 0);
    bind_function(*made);
    names_ = std::move(outer_names);
    depth_ = outer_depth;
    return made;
}

void binder::bind_variable(node& code) {
    for (auto known = names_.rbegin(); known != names_.rend(); ++known) {
        if (known->is == declared::kind::variable && known->name == code.name) {
            code.hops = depth_ - known->depth;
            code.slot = known->slot;
            return;
        }
    }
    if (std::find(allowed_.begin(), allowed_.end(), code.name) == allowed_.end()) {
        fail_unknown_variable(code);
    }
    code.kind = node_kind::global_variable;
    auto found = std::find(into_.variables.begin(), into_.variables.end(), code.name);
    if (found == into_.variables.end()) {
        found = into_.variables.insert(into_.variables.end(), code.name);
    }
    code.slot = static_cast<int>(found - into_.variables.begin());
}

void binder::bind_label(node& code) {
    ++depth_;
    names_.push_back({declared::kind::label, code.name, depth_, 0, nullptr});
    bind(*code.child(0));
    names_.pop_back();
    --depth_;
}

void binder::bind_leave(node& code) {
    for (auto known = names_.rbegin(); known != names_.rend(); ++known) {
        if (known->is == declared::kind::label && known->name == code.name) {
            code.hops = depth_ - known->depth;
            return;
        }
    }
    throw syntax_error{"$*label-" + code.name + " is not defined",
                       "write: label $" + code.name + " | ... break $" + code.name, code.offset};
}

void binder::check_format(const node& code) const {
    if (code.name.empty() || is_format(code.name)) return;
    throw syntax_error{code.name + " is not a valid format",
                       did_you_mean(code.name, known_formats()), code.offset};
}

void binder::fail_unknown_function(const node& code) const {
    const std::string wanted = code.name + "/" + std::to_string(code.children.size());
    constexpr std::string_view absent[] = {
        "env",           "input",          "inputs", "input_filename", "input_line_number",
        "halt",          "halt_error",     "stderr", "modulemeta",     "get_search_list",
        "get_jq_origin", "get_prog_origin"};
    if (std::find(std::begin(absent), std::end(absent), code.name) != std::end(absent)) {
        throw syntax_error{"the function " + wanted + " is not available here",
                           "an expression sees its input and variables only", code.offset};
    }
    std::vector<std::string> known = known_functions();
    for (const declared& each : names_) {
        if (each.is == declared::kind::parameter) known.push_back(each.name + "/0");
        if (each.is == declared::kind::function) {
            known.push_back(each.name + "/" + std::to_string(each.definition->parameters.size()));
        }
    }
    std::string hint = hint_of_arguments(code.name, known);
    if (hint.empty()) hint = hint_from_elsewhere(code.name);
    if (const std::string near = nearest(wanted, known); hint.empty() && !near.empty()) {
        hint = "did you mean \"" + near + "\"?";
    }
    throw syntax_error{"unknown function " + wanted, std::move(hint), code.offset};
}

void binder::fail_unknown_variable(const node& code) const {
    std::vector<std::string> known(allowed_.begin(), allowed_.end());
    for (const declared& each : names_) {
        if (each.is == declared::kind::variable) known.push_back(each.name);
    }
    if (code.name == "ENV") {
        throw syntax_error{"unknown variable $ENV", "the environment is not available here",
                           code.offset};
    }
    for (std::string& name : known)
        name.insert(0, "$");
    throw syntax_error{"unknown variable $" + code.name, did_you_mean("$" + code.name, known),
                       code.offset};
}

}  // namespace

void bind(node_ptr root, std::span<const std::string> variable_names, compiled& into) {
    binder(variable_names, into).bind(*root);
    into.root = std::move(root);
    find_single(into);
}

}  // namespace sluice::expression
