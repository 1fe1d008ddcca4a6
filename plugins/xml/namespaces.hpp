// Which namespace a prefix means at a place of a document, and what a name becomes by the options.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reading_options.hpp"

namespace xml {

// Prefix and uri; the prefix "" is that of names without one.
using declarations = std::vector<std::pair<std::string, std::string>>;

// As expat gives them: names and values in turns, behind the last a null.
using attribute_list = const char* const*;

class namespaces {
  public:
    explicit namespaces(const reading_options& options) : options_(options) {}

    // SLUICE_INVALID_INPUT: more declarations, or longer ones, than anybody needs.
    void enter(attribute_list attributes);
    void leave();
    // SLUICE_INVALID_INPUT: a prefix that nothing declares, unless names are kept.
    std::string element_name(std::string_view written) const;
    std::string attribute_name(std::string_view written) const;
    // Those of the innermost element.
    const declarations& innermost() const { return levels_.back(); }

  private:
    std::string name(std::string_view written, bool use_default) const;
    const std::string* find(std::string_view prefix) const;

    const reading_options& options_;
    std::vector<declarations> levels_;
    std::size_t count_ = 0;
};

bool is_declaration(std::string_view attribute);

}  // namespace xml
