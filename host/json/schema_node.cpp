#include "json/schema_node.hpp"

#include "json/pointer.hpp"

namespace sluice::json::schemas {
namespace {

void unite(std::vector<bool>& into, const std::vector<bool>& other) {
    if (into.size() < other.size()) into.resize(other.size());
    for (std::size_t i = 0; i < other.size(); ++i) {
        if (other[i]) into[i] = true;
    }
}

}  // namespace

void evaluated::mark(std::vector<bool>& flags, std::size_t index) {
    if (flags.size() <= index) flags.resize(index + 1);
    flags[index] = true;
}

void evaluated::add(const evaluated& other) {
    unite(members, other.members);
    unite(items, other.items);
}

std::string place::pointer() const {
    std::vector<const place*> path;
    for (const place* at = this; at->parent != nullptr; at = at->parent)
        path.push_back(at);
    std::string text;
    for (auto at = path.rbegin(); at != path.rend(); ++at) {
        append_pointer(text, (*at)->key != nullptr ? *(*at)->key : std::to_string((*at)->index));
    }
    return text;
}

std::string pointer_to(std::string_view pointer, std::string_view token) {
    std::string text(pointer);
    append_pointer(text, token);
    return text;
}

std::string pointer_to(std::string_view pointer, std::size_t index) {
    return pointer_to(pointer, std::to_string(index));
}

}  // namespace sluice::json::schemas
