// Elements as JSON: {"@attribute": "...", "#text": "...", "child": ...}. An element of nothing but
// text is that text, a child that comes several times is a list.
#pragma once

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

    // SLUICE_INVALID_INPUT: more different children than an element may have.
    void start(std::string name, attribute_list attributes, const namespaces& scope);
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
    static void add_child(element& parent, std::string name, json value);

    const reading_options& options_;
    std::vector<element> open_;
    std::string done_name_;
    json done_;
};

}  // namespace xml
