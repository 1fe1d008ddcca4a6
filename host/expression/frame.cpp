#include "expression/frame.hpp"

namespace sluice::expression {

scope::scope(const scope& other) : top_(other.top_) {
    if (top_ != nullptr) ++top_->references;
}

// Frames hang on each other by the thousand in a recursive program: no recursion here.
scope::~scope() {
    std::vector<frame*> dead;
    const auto drop = [&dead](scope& link) {
        frame* const content = std::exchange(link.top_, nullptr);
        if (content != nullptr && --content->references == 0) dead.push_back(content);
    };
    drop(*this);
    while (!dead.empty()) {
        frame* const now = dead.back();
        dead.pop_back();
        drop(now->outer);
        drop(now->argument_scope);
        delete now;
    }
}

frame& scope::at(int hops) const {
    frame* found = top_;
    for (; hops > 0; --hops)
        found = found->outer.top_;
    return *found;
}

scope scope::up(int hops) const {
    frame* found = top_;
    for (; hops > 0; --hops)
        found = found->outer.top_;
    if (found != nullptr) ++found->references;
    return scope(found);
}

scope push_variables(scope outer, int count) {
    auto* const made = new frame;
    made->outer = std::move(outer);
    if (count > 1) made->more.resize(static_cast<std::size_t>(count) - 1);
    return scope(made);
}

scope push_argument(scope outer, const node* argument, scope argument_scope) {
    auto* const made = new frame;
    made->outer = std::move(outer);
    made->argument = argument;
    made->argument_scope = std::move(argument_scope);
    return scope(made);
}

scope push_label(scope outer, std::int64_t label) {
    auto* const made = new frame;
    made->outer = std::move(outer);
    made->label = label;
    return scope(made);
}

}  // namespace sluice::expression
