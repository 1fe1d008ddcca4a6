// Finds secrets in text, in the encodings they travel in. What base/log.hpp redacts with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::base {

// Not thread-safe; the log guards it. The cost of replacing grows with the text, not with the
// number of secrets: one to two nanoseconds a byte (log_secrets_bench.cpp).
class log_secrets {
  public:
    static constexpr std::size_t shortest = 8;

    // Shorter secrets are ignored: they would match by accident.
    void add(std::string_view secret);
    // Gives back the very text, without a copy, when nothing in it matches.
    std::string replace(std::string text) const;
    bool found_in(std::string_view text) const { return find(text, 0).length > 0; }

  private:
    struct place {
        std::size_t at = 0;
        std::size_t length = 0;  // 0: there is none
    };

    void add_form(std::string form);
    void add_lines_of_key(std::string_view secret);
    void mark(std::uint64_t start);
    bool may_start(std::uint64_t start) const;
    // The first form in `text` from `at` on.
    place find(std::string_view text, std::size_t at) const;
    // The longest form that `text` starts with, or 0.
    std::size_t match(std::string_view text) const;

    // By their first eight bytes.
    std::unordered_map<std::uint64_t, std::vector<std::string>> forms_;
    // A bit for each of them, at a place that its hash chooses: says "no" for nearly all text.
    std::vector<std::uint64_t> marks_;
};

}  // namespace sluice::base
