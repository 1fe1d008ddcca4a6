// The keywords for values of every kind: $ref, type, enum, const.
#include <algorithm>
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

class reference : public keyword {
  public:
    using keyword::keyword;
    bool check(const subject& of, validation& run) const override { return run.apply(*target, of); }

    const node* target = nullptr;  // set before the schema is used
};

class type_keyword : public keyword {
  public:
    type_keyword(std::string pointer, kinds accepted)
        : keyword(std::move(pointer)), accepted_(accepted) {}
    bool check(const subject& of, validation& run) const override {
        if (is_of(of.instance, accepted_)) return true;
        return run.fail(of, pointer(), [&] {
            return "expected " + names_of(accepted_) + ", got " + run.describe(of.instance);
        });
    }

  private:
    kinds accepted_;
};

class enum_keyword : public keyword {
  public:
    enum_keyword(std::string pointer, std::vector<value> allowed)
        : keyword(std::move(pointer)), allowed_(std::move(allowed)) {}

    bool check(const subject& of, validation& run) const override {
        if (!run.charge(of, allowed_.size() / 8)) return false;
        for (const value& each : allowed_) {
            if (each == of.instance) return true;
        }
        return run.fail(of, pointer(), [&] {
            return "expected " + list() + ", got " + run.describe(of.instance);
        });
    }

  private:
    std::string list() const {
        constexpr std::size_t most = 10;
        std::string text = allowed_.size() > 1 ? "one of " : "";
        for (std::size_t i = 0; i < std::min(allowed_.size(), most); ++i) {
            text += (i > 0 ? ", " : "") + short_text(allowed_[i]);
        }
        return allowed_.size() > most ? text + ", ..." : text;
    }

    std::vector<value> allowed_;
};

void read_type(schema_reader& from) {
    const value* const found = from.find("type");
    if (found == nullptr) return;
    kinds accepted = 0;
    const auto accept = [&](const value& name) {
        const auto bits = name.is_string() ? kind_named(name.as_string()) : std::nullopt;
        if (bits) {
            accepted |= *bits;
        } else {
            from.refuse("type", "there is no type " + short_text(name),
                        "the types are string, number, integer, boolean, object, array, null");
        }
    };
    if (found->is_array()) {
        for (const value& each : found->items())
            accept(each);
        if (found->size() == 0) from.refuse("type", "the list of types is empty");
    } else {
        accept(*found);
    }
    from.accept_only(accepted);
    from.add<type_keyword>("type", accepted);
}

}  // namespace

void read_references(schema_reader& from) {
    const std::string* const text = from.text("$ref");
    if (text == nullptr) return;
    from.refer("$ref", *text, &from.add<reference>("$ref").target);
}

void read_general(schema_reader& from) {
    read_type(from);
    if (const value* const found = from.find("enum")) {
        if (found->is_array()) {
            const auto items = found->items();
            from.add<enum_keyword>("enum", std::vector<value>(items.begin(), items.end()));
        } else {
            from.refuse("enum", "expected a list of values, got " + describe(*found, true));
        }
    }
    if (const value* const found = from.find("const")) {
        from.add<enum_keyword>("const", std::vector<value>{*found});
    }
}

}  // namespace sluice::json::schemas
