// unevaluatedItems and unevaluatedProperties: what no other keyword has looked at. They run last.
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

class unevaluated_items : public keyword {
  public:
    unevaluated_items(std::string pointer, const node& expected)
        : keyword(std::move(pointer)), expected_(expected) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_array()) return true;
        bool fits = true;
        for (std::size_t i = 0; i < of.instance.size(); ++i) {
            if (evaluated::is_marked(of.seen->items, i)) continue;
            const place where{&of.at, nullptr, i};
            fits = run.apply(expected_, of.child(of.instance.at(i), where)) && fits;
            if (run.stopped() || (!fits && of.quiet)) return false;
            evaluated::mark(of.seen->items, i);
        }
        return fits;
    }

  private:
    const node& expected_;
};

class unevaluated_members : public keyword {
  public:
    unevaluated_members(std::string pointer, const node& expected)
        : keyword(std::move(pointer)), expected_(expected) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_object()) return true;
        const auto members = of.instance.members();
        bool fits = true;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (evaluated::is_marked(of.seen->members, i)) continue;
            const place where{&of.at, &members[i].first, 0};
            fits = run.apply(expected_, of.child(members[i].second, where)) && fits;
            if (run.stopped() || (!fits && of.quiet)) return false;
            evaluated::mark(of.seen->members, i);
        }
        return fits;
    }

  private:
    const node& expected_;
};

}  // namespace

void read_unevaluated(schema_reader& from) {
    if (const node* const expected = from.subschema("unevaluatedItems")) {
        from.add_last<unevaluated_items>("unevaluatedItems", *expected);
    }
    if (const node* const expected = from.subschema("unevaluatedProperties")) {
        from.add_last<unevaluated_members>("unevaluatedProperties", *expected);
    }
}

}  // namespace sluice::json::schemas
