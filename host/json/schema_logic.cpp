// The keywords that combine schemas: allOf, anyOf, oneOf, not, if.
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

class all_of : public keyword {
  public:
    all_of(std::string pointer, std::vector<const node*> parts)
        : keyword(std::move(pointer)), parts_(std::move(parts)) {}

    bool check(const subject& of, validation& run) const override {
        bool fits = true;
        for (const node* const each : parts_) {
            fits = run.apply(*each, of) && fits;
            if (run.stopped() || (!fits && of.quiet)) return false;
        }
        return fits;
    }

  private:
    std::vector<const node*> parts_;
};

// anyOf and oneOf.
class alternatives : public keyword {
  public:
    alternatives(std::string pointer, std::vector<const node*> parts, bool only_one)
        : keyword(std::move(pointer)), parts_(std::move(parts)), only_one_(only_one) {}

    bool check(const subject& of, validation& run) const override {
        std::size_t count = 0;
        std::size_t first = 0;
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            if (run.fits(*parts_[i], of)) {
                if (count > 0 && only_one_) return too_many(of, run, first, i);
                if (count++ == 0) first = i;
                if (!only_one_ && of.seen == nullptr) return true;
            }
            if (run.stopped()) return false;
        }
        return count > 0 || explain(of, run);
    }

  private:
    bool too_many(const subject& of, validation& run, std::size_t first, std::size_t also) const {
        return run.fail(of, pointer(), [&] {
            return "fits alternatives " + std::to_string(first) + " and " + std::to_string(also) +
                   ", expected exactly one of " + std::to_string(parts_.size());
        });
    }

    // What is wrong with the only alternative that may have been meant is worth more than "none".
    bool explain(const subject& of, validation& run) const {
        if (of.quiet) return false;
        kinds accepted = 0;
        const node* meant = nullptr;
        std::size_t candidates = 0;
        for (const node* const each : parts_) {
            accepted |= each->accepts;
            if (!is_of(of.instance, each->accepts)) continue;
            meant = each;
            ++candidates;
        }
        if (candidates == 1) return run.apply(*meant, {of.instance, of.at, nullptr, false});
        return run.fail(of, pointer(), [&] {
            if (candidates == 0 && accepted != 0) {
                return "expected " + names_of(accepted) + ", got " + run.describe(of.instance);
            }
            return "fits none of " + amount(parts_.size(), "alternative") + ", got " +
                   run.describe(of.instance);
        });
    }

    std::vector<const node*> parts_;
    bool only_one_;
};

class not_keyword : public keyword {
  public:
    not_keyword(std::string pointer, const node& unwanted)
        : keyword(std::move(pointer)), unwanted_(unwanted) {}

    bool check(const subject& of, validation& run) const override {
        if (!run.apply(unwanted_, {of.instance, of.at, nullptr, true})) return !run.stopped();
        return run.fail(of, pointer(),
                        [&] { return "fits what \"not\" excludes: " + run.describe(of.instance); });
    }

  private:
    const node& unwanted_;
};

class if_keyword : public keyword {
  public:
    if_keyword(std::string pointer, const node& condition, const node* yes, const node* no)
        : keyword(std::move(pointer)), condition_(condition), yes_(yes), no_(no) {}

    bool check(const subject& of, validation& run) const override {
        const node* const next = run.fits(condition_, of) ? yes_ : no_;
        if (run.stopped()) return false;
        return next == nullptr || run.apply(*next, of);
    }

  private:
    const node& condition_;
    const node* yes_;
    const node* no_;
};

}  // namespace

void read_logic(schema_reader& from) {
    std::vector<const node*> parts = from.subschemas("allOf");
    if (!parts.empty()) from.add<all_of>("allOf", std::move(parts));
    parts = from.subschemas("anyOf");
    if (from.find("anyOf") != nullptr) from.add<alternatives>("anyOf", std::move(parts), false);
    parts = from.subschemas("oneOf");
    if (from.find("oneOf") != nullptr) from.add<alternatives>("oneOf", std::move(parts), true);
    if (const node* const unwanted = from.subschema("not")) {
        from.add<not_keyword>("not", *unwanted);
    }
    const node* const condition = from.subschema("if");
    const node* const yes = from.subschema("then");
    const node* const no = from.subschema("else");
    if (condition != nullptr) from.add<if_keyword>("if", *condition, yes, no);
}

}  // namespace sluice::json::schemas
