// The keywords for arrays: items in all its forms, how many, and whether they differ.
#include <algorithm>
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

// The first items each by their own schema, what follows by `rest`.
class items_keyword : public keyword {
  public:
    items_keyword(std::string pointer, std::vector<const node*> first, const node* rest)
        : keyword(std::move(pointer)), first_(std::move(first)), rest_(rest) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_array()) return true;
        bool fits = true;
        const std::size_t end =
            rest_ != nullptr ? of.instance.size() : std::min(of.instance.size(), first_.size());
        for (std::size_t i = 0; i < end && !run.stopped(); ++i) {
            const node& expected = i < first_.size() ? *first_[i] : *rest_;
            const place where{&of.at, nullptr, i};
            fits = run.apply(expected, of.child(of.instance.at(i), where)) && fits;
            if (!fits && of.quiet) return false;
            if (of.seen != nullptr) evaluated::mark(of.seen->items, i);
        }
        return fits && !run.stopped();
    }

  private:
    std::vector<const node*> first_;
    const node* rest_;
};

class size_keyword : public keyword {
  public:
    size_keyword(std::string pointer, std::uint64_t bound, bool is_least)
        : keyword(std::move(pointer)), bound_(bound), is_least_(is_least) {}

    bool check(const subject& of, validation& run) const override {
        const std::size_t size = of.instance.size();
        if (!of.instance.is_array() || (is_least_ ? size >= bound_ : size <= bound_)) return true;
        return run.fail(of, pointer(), [&] {
            return std::string(is_least_ ? "expected at least " : "expected at most ") +
                   amount(bound_, "item") + ", got " + std::to_string(size);
        });
    }

  private:
    std::uint64_t bound_;
    bool is_least_;
};

class unique_items : public keyword {
  public:
    using keyword::keyword;

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_array()) return true;
        const auto items = of.instance.items();
        if (!run.charge(of, items.size())) return false;
        std::vector<const value*> sorted;
        sorted.reserve(items.size());
        for (const value& each : items)
            sorted.push_back(&each);
        // Equal ones by position, so that the message names the first of them.
        std::sort(sorted.begin(), sorted.end(), [](const value* a, const value* b) {
            const int order = compare(*a, *b);
            return order != 0 ? order < 0 : a < b;
        });
        const auto same =
            std::adjacent_find(sorted.begin(), sorted.end(),
                               [](const value* a, const value* b) { return compare(*a, *b) == 0; });
        if (same == sorted.end()) return true;
        return run.fail(of, pointer(), [&] {
            return "expected different items, but items " + std::to_string(*same - items.data()) +
                   " and " + std::to_string(*std::next(same) - items.data()) + " are equal";
        });
    }
};

}  // namespace

void read_items(schema_reader& from) {
    if (const auto least = from.count("minItems")) from.add<size_keyword>("minItems", *least, true);
    if (const auto most = from.count("maxItems")) from.add<size_keyword>("maxItems", *most, false);
    if (const value* const unique = from.find("uniqueItems")) {
        if (!unique->is_bool()) {
            from.refuse("uniqueItems", "expected true or false, got " + describe(*unique, true));
        } else if (unique->as_bool()) {
            from.add<unique_items>("uniqueItems");
        }
    }

    std::vector<const node*> first;
    const node* rest = nullptr;
    const value* const items = from.find("items");
    if (items != nullptr && items->is_array()) {
        // The older form. In 2020-12 it would be a mistake with only one sensible meaning.
        first = from.subschemas("items");
        rest = from.subschema("additionalItems");
    } else {
        if (!from.is_draft7()) first = from.subschemas("prefixItems");
        rest = from.subschema("items");
    }
    if (rest != nullptr || !first.empty()) {
        from.add<items_keyword>("items", std::move(first), rest);
    }
}

}  // namespace sluice::json::schemas
