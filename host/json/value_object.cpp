// The part of json::value that deals with members.
#include <algorithm>

#include "base/panic.hpp"
#include "json/value_node.hpp"

namespace sluice::json {

std::size_t value::object_node::find(std::string_view key) const {
    if (members.size() <= key_index::worthwhile_above) {
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (members[i].first == key) return i;
        }
        return key_index::nowhere;
    }
    key_index* known = index.load(std::memory_order_acquire);
    if (known == nullptr) {
        auto made = std::make_unique<key_index>(members.size());
        for (std::size_t i = 0; i < members.size(); ++i)
            made->insert(members[i].first, i);
        if (index.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) {
            known = made.release();
        }
    }
    return known->find(key, [this](std::size_t i) -> std::string_view { return members[i].first; });
}

void value::object_node::append(std::string key, value content) {
    if (key_index* known = index.load(std::memory_order_acquire)) {
        known->insert(key, members.size());
    }
    members.emplace_back(std::move(key), std::move(content));
}

value value::object(std::vector<member> members) {
    value made;
    auto content = std::make_unique<object_node>(std::vector<member>());
    content->members.reserve(members.size());
    for (member& next : members) {
        const std::size_t at = content->find(next.first);
        if (at == key_index::nowhere) {
            content->append(std::move(next.first), std::move(next.second));
        } else {
            content->members[at].second = std::move(next.second);
        }
    }
    made.adopt(tag::object, content.release());
    return made;
}

value value::object(std::initializer_list<member> members) {
    return object(std::vector<member>(members));
}

std::span<const member> value::members() const {
    if (!is_object()) base::panic("members of a JSON value that is no object");
    return as_object_node().members;
}

const value* value::find(std::string_view key) const noexcept {
    if (!is_object()) return nullptr;
    const std::size_t at = as_object_node().find(key);
    return at == key_index::nowhere ? nullptr : &as_object_node().members[at].second;
}

void value::set(std::string key, value content) {
    object_node& object = object_for_write();
    const std::size_t at = object.find(key);
    if (at == key_index::nowhere) {
        object.append(std::move(key), std::move(content));
    } else {
        object.members[at].second = std::move(content);
    }
}

bool value::erase(std::string_view key) {
    if (!is_object()) return false;
    const std::size_t at = as_object_node().find(key);
    if (at == key_index::nowhere) return false;
    object_node& object = object_for_write();
    object.drop_index();  // positions after this one move
    object.members.erase(object.members.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
}

std::vector<member>& value::members_for_write() {
    object_node& object = object_for_write();
    object.drop_index();
    return object.members;
}

value::object_node& value::object_for_write() {
    if (is_null()) {
        adopt(tag::object, new object_node({}));
    } else if (!is_object()) {
        base::panic("a member was set on a JSON value that is no object");
    } else if (held_.node->references.load(std::memory_order_acquire) != 1) {
        value own;
        own.adopt(tag::object, new object_node(as_object_node().members));
        *this = std::move(own);
    }
    return *static_cast<object_node*>(held_.node);
}

}  // namespace sluice::json
