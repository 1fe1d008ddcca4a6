#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/json.hpp"

namespace sluice::embed {

// Collects what is wrong with a JSON value, with the path (RFC 6901) of each place.
class rule_checker {
  public:
    void refuse(const std::string& path, const std::string& what);
    // Null when the member is missing or of another kind; what is missing is refused when
    // `required`, what is of another kind always.
    const json* string(const json& parent, const std::string& path, std::string_view key,
                       bool required = false);
    const json* object(const json& parent, const std::string& path, std::string_view key,
                       bool required = false);
    const json* array(const json& parent, const std::string& path, std::string_view key);
    void number_is(const json& parent, const std::string& path, std::string_view key,
                   unsigned wanted, const std::string& why);
    void number_at_most(const json& parent, const std::string& path, std::string_view key,
                        unsigned most, const std::string& why);
    void only_known_keys(const json& value, const std::string& path,
                         std::initializer_list<std::string_view> known);
    void one_of(const json& value, const std::string& path,
                std::initializer_list<std::string_view> known);

    std::vector<std::string> take_problems() { return std::move(problems_); }

  private:
    const json* member(const json& parent, const std::string& path, std::string_view key,
                       json::kind_type kind, const char* kind_name, bool required);

    std::vector<std::string> problems_;
};

// `path` with one more part, escaped as a JSON pointer.
std::string below(const std::string& path, std::string_view key);
std::string below(const std::string& path, std::size_t index);

}  // namespace sluice::embed
