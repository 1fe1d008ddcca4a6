// contains, minContains, maxContains.
#include <limits>
#include <utility>

#include "json/schema_reader.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json::schemas {
namespace {

class contains_keyword : public keyword {
  public:
    contains_keyword(std::string pointer, const node& expected, std::uint64_t least,
                     std::uint64_t most)
        : keyword(std::move(pointer)), expected_(expected), least_(least), most_(most) {}

    bool check(const subject& of, validation& run) const override {
        if (!of.instance.is_array()) return true;
        std::uint64_t count = 0;
        const bool bounded = most_ != unlimited;
        for (std::size_t i = 0; i < of.instance.size() && !run.stopped(); ++i) {
            // Which ones they are is only of interest when somebody asks.
            if (count >= least_ && !bounded && of.seen == nullptr) break;
            const place where{&of.at, nullptr, i};
            if (!run.fits(expected_, of.child(of.instance.at(i), where))) continue;
            ++count;
            if (of.seen != nullptr) evaluated::mark(of.seen->items, i);
        }
        if (run.stopped()) return false;
        if (count >= least_ && count <= most_) return true;
        return run.fail(of, pointer(), [&] {
            const bool few = count < least_;
            return std::string(few ? "expected at least " : "expected at most ") +
                   amount(few ? least_ : most_, "item") + " that " +
                   ((few ? least_ : most_) == 1 ? "fits" : "fit") + " \"contains\", got " +
                   std::to_string(count);
        });
    }

    static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  private:
    const node& expected_;
    std::uint64_t least_;
    std::uint64_t most_;
};

}  // namespace

void read_contains(schema_reader& from) {
    const node* const expected = from.subschema("contains");
    if (expected == nullptr) return;
    std::uint64_t least = 1;
    std::uint64_t most = contains_keyword::unlimited;
    if (!from.is_draft7()) {
        least = from.count("minContains").value_or(least);
        most = from.count("maxContains").value_or(most);
    }
    from.add<contains_keyword>("contains", *expected, least, most);
}

}  // namespace sluice::json::schemas
