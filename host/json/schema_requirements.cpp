// required, minProperties, maxProperties.
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

class required_keyword : public keyword {
  public:
    required_keyword(std::string pointer, std::vector<std::string> names)
        : keyword(std::move(pointer)), names_(std::move(names)) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_object()) return true;
        if (!run.charge(of, names_.size() / 8)) return false;
        bool fits = true;
        for (const std::string& name : names_) {
            if (of.instance.find(name) != nullptr) continue;
            fits = run.fail(of, pointer(), [&] { return short_text(value(name)) + " is missing"; });
            if (of.quiet) return false;
        }
        return fits;
    }

  private:
    std::vector<std::string> names_;
};

class member_count : public keyword {
  public:
    member_count(std::string pointer, std::uint64_t bound, bool is_least)
        : keyword(std::move(pointer)), bound_(bound), is_least_(is_least) {}

    bool check(const subject& of, validation& run) const override {
        const std::size_t size = of.instance.size();
        if (!of.instance.is_object() || (is_least_ ? size >= bound_ : size <= bound_)) return true;
        return run.fail(of, pointer(), [&] {
            return std::string(is_least_ ? "expected at least " : "expected at most ") +
                   amount(bound_, "member") + ", got " + std::to_string(size);
        });
    }

  private:
    std::uint64_t bound_;
    bool is_least_;
};

}  // namespace

void read_requirements(schema_reader& from) {
    std::vector<std::string> names = from.names("required");
    if (!names.empty()) from.add<required_keyword>("required", std::move(names));
    if (const auto least = from.count("minProperties")) {
        from.add<member_count>("minProperties", *least, true);
    }
    if (const auto most = from.count("maxProperties")) {
        from.add<member_count>("maxProperties", *most, false);
    }
}

}  // namespace sluice::json::schemas
