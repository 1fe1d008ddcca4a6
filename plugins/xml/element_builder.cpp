#include "element_builder.hpp"

#include <sluice/failure.hpp>

namespace xml {

using sluice::failure;

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(spaces);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

}  // namespace

std::size_t element_builder::start(std::string name, attribute_list attributes,
                                   const namespaces& scope) {
    element& opened = open_.emplace_back();
    // In a list there is no name, else one; in between the builder has two.
    std::size_t bytes = 2 * name.size() + 8;
    opened.name = std::move(name);
    for (attribute_list each = attributes; *each != nullptr; each += 2) {
        if (options_.names != naming::keep && is_declaration(each[0])) continue;
        std::string key = "@" + free_name(opened, attributes, each[0], scope);
        bytes += key.size() + std::string_view(each[1]).size() + 8;
        opened.members.emplace_back(std::move(key), json(each[1]));
    }
    return bytes;
}

// Without their namespaces two attributes may have one name. Then one without a prefix has it, or
// else the first one; the others stay as they are written, so that none is lost.
std::string element_builder::free_name(const element& opened, attribute_list attributes,
                                       std::string_view written, const namespaces& scope) const {
    std::string name = scope.attribute_name(written);
    if (options_.names == naming::keep || name == written) return name;
    const auto is_used = [&](std::string_view wanted) {
        for (const auto& [key, value] : opened.members) {
            if (std::string_view(key).substr(1) == wanted) return true;
        }
        return false;
    };
    bool is_free = !is_used(name);
    for (attribute_list each = attributes; *each != nullptr; each += 2)
        is_free = is_free && name != *each;
    if (is_free) return name;
    if (!is_used(written)) return std::string(written);
    throw failure(SLUICE_INVALID_INPUT,
                  "two attributes of '" + opened.name + "' become '" + name + "'");
}

bool element_builder::end() {
    json value = value_of(open_.back());
    std::string name = std::move(open_.back().name);
    open_.pop_back();
    if (open_.empty()) {
        done_name_ = std::move(name);
        done_ = std::move(value);
        return true;
    }
    add_child(open_.back(), std::move(name), std::move(value));
    return false;
}

void element_builder::add_child(element& parent, std::string name, json value) {
    const auto [place, is_new] = parent.index.try_emplace(name, parent.children.size());
    if (is_new) parent.children.emplace_back(std::move(name), json::array_type());
    parent.children[place->second].second.push_back(std::move(value));
}

json element_builder::value_of(element& ended) const {
    const bool plain = ended.members.empty() && ended.children.empty();
    // Between children white space is layout.
    const std::string_view inner = trimmed(ended.text);
    const std::string_view text =
        options_.trim || (!plain && inner.empty()) ? inner : std::string_view(ended.text);
    if (plain) return json(text);
    json::object_type members = std::move(ended.members);
    if (!text.empty()) members.emplace_back("#text", text);
    for (auto& [name, values] : ended.children) {
        const bool single = values.size() == 1 && !options_.lists.contains(name);
        members.emplace_back(name, single ? std::move(values[0]) : json::array(std::move(values)));
    }
    return json::object_of(std::move(members));
}

}  // namespace xml
