// What the presence of a member asks for: dependentRequired, dependentSchemas, dependencies.
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

class dependent_names : public keyword {
  public:
    dependent_names(std::string pointer, std::string cause, std::vector<std::string> names)
        : keyword(std::move(pointer)), cause_(std::move(cause)), names_(std::move(names)) {}

    bool check(const subject& of, validation& run) const override {
        if (of.instance.find(cause_) == nullptr) return true;
        bool fits = true;
        for (const std::string& name : names_) {
            if (of.instance.find(name) != nullptr) continue;
            fits = run.fail(of, pointer(), [&] {
                return short_text(value(name)) + " is missing; " + short_text(value(cause_)) +
                       " asks for it";
            });
            if (of.quiet) return false;
        }
        return fits;
    }

  private:
    std::string cause_;
    std::vector<std::string> names_;
};

class dependent_schema : public keyword {
  public:
    dependent_schema(std::string pointer, std::string cause, const node& expected)
        : keyword(std::move(pointer)), cause_(std::move(cause)), expected_(expected) {}

    bool check(const subject& of, validation& run) const override {
        return of.instance.find(cause_) == nullptr || run.apply(expected_, of);
    }

  private:
    std::string cause_;
    const node& expected_;
};

// `keyword` is an object whose members are read by `read(name, content)`.
template <class Read>
void for_each_member(schema_reader& from, std::string_view keyword, Read read) {
    const value* const found = from.find(keyword);
    if (found == nullptr) return;
    if (!found->is_object()) {
        from.refuse(keyword, "expected an object, got " + describe(*found, true));
        return;
    }
    for (const member& each : found->members())
        read(each.first, each.second);
}

}  // namespace

void read_dependencies(schema_reader& from) {
    const auto add_names = [&](std::string_view keyword, const std::string& cause,
                               const value& content) {
        from.add<dependent_names>(keyword, cause, from.names_in(keyword, cause, content));
    };
    const auto add_schema = [&](std::string_view keyword, const std::string& cause,
                                const value& content) {
        from.add<dependent_schema>(keyword, cause, *from.subschema_in(keyword, cause, content));
    };
    // 2020-12 has left it out, but documents have it still, and mean it.
    for_each_member(from, "dependencies", [&](const std::string& cause, const value& content) {
        if (content.is_array()) {
            add_names("dependencies", cause, content);
        } else {
            add_schema("dependencies", cause, content);
        }
    });
    if (from.is_draft7()) return;
    for_each_member(from, "dependentRequired", [&](const std::string& cause, const value& content) {
        add_names("dependentRequired", cause, content);
    });
    for_each_member(from, "dependentSchemas", [&](const std::string& cause, const value& content) {
        add_schema("dependentSchemas", cause, content);
    });
}

}  // namespace sluice::json::schemas
