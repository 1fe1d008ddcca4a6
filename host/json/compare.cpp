// Order and equality of values. Neither recurses: nests may be deeper than the stack.
#include <algorithm>
#include <vector>

#include "json/number.hpp"
#include "json/value.hpp"

namespace sluice::json {

namespace {

using sorted_members = std::vector<const member*>;

int three_way(std::size_t a, std::size_t b) { return a < b ? -1 : b < a ? 1 : 0; }

// Where two values of the same kind that is no container stand.
int compare_plain(const value& a, const value& b) {
    switch (a.kind()) {
        case kind::boolean:
            return int{a.as_bool()} - int{b.as_bool()};
        case kind::number:
            return compare_numbers(a, b);
        case kind::string: {
            // Bytes of UTF-8 sort like code points.
            const int order = a.as_string().compare(b.as_string());
            return order < 0 ? -1 : order > 0 ? 1 : 0;
        }
        default:
            return 0;
    }
}

sorted_members sort_members(const value& object) {
    sorted_members sorted;
    sorted.reserve(object.size());
    for (const member& item : object.members())
        sorted.push_back(&item);
    std::sort(sorted.begin(), sorted.end(),
              [](const member* a, const member* b) { return a->first < b->first; });
    return sorted;
}

int compare_keys(const sorted_members& a, const sorted_members& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const int order = a[i]->first.compare(b[i]->first);
        if (order != 0) return order < 0 ? -1 : 1;
    }
    return three_way(a.size(), b.size());
}

// Two containers being compared, and how far.
struct pair_of_containers {
    const value* a;
    const value* b;
    std::size_t next = 0;
    sorted_members members_a;
    sorted_members members_b;

    pair_of_containers(const value& first, const value& second) : a(&first), b(&second) {
        if (!first.is_object()) return;
        members_a = sort_members(first);
        members_b = sort_members(second);
    }
    bool at_end() const { return next == std::min(a->size(), b->size()); }
    const value& child_a() const { return a->is_array() ? a->at(next) : members_a[next]->second; }
    const value& child_b() const { return b->is_array() ? b->at(next) : members_b[next]->second; }
};

bool is_container(const value& content) { return content.is_array() || content.is_object(); }

}  // namespace

int compare(const value& a, const value& b) {
    std::vector<pair_of_containers> open;
    // Decides two values, or opens them when they are containers.
    const auto meet = [&open](const value& left, const value& right) {
        if (left.kind() != right.kind()) return left.kind() < right.kind() ? -1 : 1;
        if (!is_container(left)) return compare_plain(left, right);
        open.emplace_back(left, right);
        return compare_keys(open.back().members_a, open.back().members_b);
    };
    if (const int order = meet(a, b)) return order;
    while (!open.empty()) {
        pair_of_containers& top = open.back();
        if (top.at_end()) {
            if (const int order = three_way(top.a->size(), top.b->size())) return order;
            open.pop_back();
            continue;
        }
        const value& left = top.child_a();
        const value& right = top.child_b();
        ++top.next;
        if (const int order = meet(left, right)) return order;
    }
    return 0;
}

bool operator==(const value& a, const value& b) {
    std::vector<std::pair<const value*, const value*>> open;
    // False when the two differ for certain; containers are left for later.
    const auto may_equal = [&open](const value& left, const value& right) {
        if (left.kind() != right.kind()) return false;
        if (!is_container(left)) return compare_plain(left, right) == 0;
        if (left.size() != right.size()) return false;
        if (left.size() > 0) open.emplace_back(&left, &right);
        return true;
    };
    if (!may_equal(a, b)) return false;
    while (!open.empty()) {
        const auto [left, right] = open.back();
        open.pop_back();
        for (std::size_t i = 0; i < left->size(); ++i) {
            if (left->is_array()) {
                if (!may_equal(left->at(i), right->at(i))) return false;
                continue;
            }
            const member& item = left->members()[i];
            const member& same_place = right->members()[i];
            const value* const other =
                same_place.first == item.first ? &same_place.second : right->find(item.first);
            if (other == nullptr || !may_equal(item.second, *other)) return false;
        }
    }
    return true;
}

}  // namespace sluice::json
