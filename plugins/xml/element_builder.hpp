// Elements as JSON: {"@attribute": "...", "#text": "...", "child": ...}. An element of nothing but
// text is that text, a child that comes several times is a list.
#pragma once

#include <cstddef>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "namespaces.hpp"

namespace xml {

class element_builder {
  public:
    explicit element_builder(const reading_options& options) : options_(options) {}

    // Returns about how many bytes of JSON the tag becomes. SLUICE_INVALID_INPUT: two attributes
    // would have one name.
    std::size_t start(std::string name, attribute_list attributes, const namespaces& scope);
    void add_text(std::string_view text) { open_.back().text += text; }
    // Ends the innermost element. True: it was the outermost one, take() it.
    bool end();
    bool is_empty() const { return open_.empty(); }
    const std::string& name() const { return done_name_; }
    json take() { return std::move(done_); }

  private:
    struct element {
        std::string name;
        json::object_type members;  // the attributes
        std::string text;
        std::vector<std::pair<std::string, json::array_type>> children;
        std::unordered_map<std::string, std::size_t> index;  // of children
    };
    json value_of(element& ended) const;
    std::string free_name(const element& opened, attribute_list attributes,
                          std::string_view written, const namespaces& scope) const;
    static void add_child(element& parent, std::string name, json value);

    const reading_options& options_;
    std::vector<element> open_;
    std::string done_name_;
    json done_;
};

}  // namespace xml
