// Regular expressions that one evaluation has compiled: map(test("x")) compiles "x" once.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/regex.hpp"
#include "base/result.hpp"

namespace sluice::expression {

class pattern_cache {
  public:
    // The pointer is good until the next call.
    base::result<const base::regex*> compile(const std::string& pattern, const std::string& flags,
                                             const base::regex_options& options) {
        auto known = patterns_.find({pattern, flags});
        if (known == patterns_.end()) {
            base::result<base::regex> made = base::regex::compile(pattern, options);
            if (!made) return made.error_value();
            if (patterns_.size() >= most) patterns_.clear();
            known = patterns_.insert_or_assign({pattern, flags}, std::move(*made)).first;
        }
        return &known->second;
    }

  private:
    static constexpr std::size_t most = 64;
    std::map<std::pair<std::string, std::string>, base::regex> patterns_;
};

}  // namespace sluice::expression
