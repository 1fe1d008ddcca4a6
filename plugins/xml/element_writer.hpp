// JSON as XML, by the same rules by which parse reads it.
#pragma once

#include <sluice/json.hpp>
#include <sluice/text_encoding.hpp>
#include <string>
#include <string_view>

namespace xml {

using sluice::json;

class element_writer {
  public:
    // `out` is in the encoding. A character that it lacks becomes a reference (&#8364;).
    element_writer(std::string& out, sluice::text_encoding encoding, bool indent)
        : out_(out), encoding_(encoding), indent_(indent) {}

    void write_declaration();
    // SLUICE_INVALID_INPUT: a name or a character that XML does not have, a list in a list ...
    void write_element(const std::string& name, const json& value, std::size_t depth = 0);

  private:
    void write_attributes(const json& value);
    void write_children(const json& value, std::size_t depth);
    void put(std::string_view markup);
    std::string text_of(const std::string& name, const json& value) const;

    std::string& out_;
    sluice::text_encoding encoding_;
    bool indent_;
};

}  // namespace xml
