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
// number of secrets.
class log_secrets {
  public:
    static constexpr std::size_t shortest = 8;

    // Shorter secrets are ignored: they would match by accident.
    void add(std::string_view secret);
    std::string replace(std::string text) const;

  private:
    void add_form(std::string form);
    // The longest form that `text` starts with, or 0.
    std::size_t match(std::string_view text) const;

    // By their first eight bytes.
    std::unordered_map<std::uint64_t, std::vector<std::string>> forms_;
};

}  // namespace sluice::base
