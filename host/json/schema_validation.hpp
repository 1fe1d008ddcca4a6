// One run of a schema over a value, within its limits. Inside the module only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.hpp"
#include "json/schema.hpp"
#include "json/schema_node.hpp"

namespace sluice::json::schemas {

class validation {
  public:
    explicit validation(const validation_options& options)
        : options_(options), steps_left_(options.steps) {}
    validation(const validation&) = delete;
    validation& operator=(const validation&) = delete;

    // Whether `of` fits `with`. False, too, once the run has stopped.
    bool apply(const node& with, const subject& of);
    // The same without noting reasons. What it evaluated counts for `of` only when it fits.
    bool fits(const node& with, const subject& of);

    // Takes `steps` off the budget; false when there are no more.
    bool charge(const subject& of, std::uint64_t steps);
    bool stopped() const { return stopped_; }
    bool show_values() const { return options_.show_values; }
    // "number 3"
    std::string describe(const value& content) const {
        return schemas::describe(content, options_.show_values);
    }

    // Whether `pattern` occurs in `text`. False, too, when it takes too long to find out: then the
    // run has stopped.
    bool matches(const subject& of, const base::regex& pattern, std::string_view text);

    // False, for the caller to return. `message` makes the sentence, when somebody will read it.
    template <class Message>
    bool fail(const subject& of, const std::string& keyword, Message message) {
        if (!of.quiet && !stopped_) note(of.at, keyword, message());
        return false;
    }

    std::vector<violation> take() { return std::move(found_); }

  private:
    bool apply_tracked(const node& with, const subject& of);
    bool check_all(const std::vector<std::unique_ptr<const keyword>>& keywords, const subject& of);
    bool stop(const subject& of, std::string message);
    void note(const place& at, const std::string& keyword, std::string message);

    const validation_options& options_;
    std::uint64_t steps_left_;
    std::size_t depth_ = 0;
    bool stopped_ = false;
    std::vector<violation> found_;
};

}  // namespace sluice::json::schemas
