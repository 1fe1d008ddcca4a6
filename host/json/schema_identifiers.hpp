// What the schemas of one document are called ($id, $anchor), and what a reference means. Inside
// the module only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::json::schemas {

enum class dialect { draft7, draft2020 };

// What holds for the schemas inside of one with an $id or $schema.
struct scope {
    std::string base;  // an absolute URI without a fragment
    json::schemas::dialect dialect = dialect::draft2020;
};

// A place in the document.
struct location {
    value content;
    std::string pointer;
    json::schemas::scope scope;
};

struct split_uri {
    std::string base;      // absolute, without the fragment
    std::string fragment;  // percent-decoded
};

// `reference` seen from `base`; an error when it is no URI.
base::result<split_uri> resolve(std::string_view base, std::string_view reference);

// `$schema`; nothing when it is not supported.
std::optional<dialect> dialect_named(std::string_view uri);

class identifiers {
  public:
    // What a document is called that does not say.
    static constexpr std::string_view unnamed = "schema:///document";

    // False when there is another of that name.
    bool add_resource(const location& root);
    bool add_anchor(std::string_view base, std::string_view name, const location& at);

    // The place that `reference` means, or an error saying why it means none.
    base::result<location> find(std::string_view reference, const scope& from) const;

  private:
    std::map<std::string, location, std::less<>> resources_;
    std::map<std::string, location, std::less<>> anchors_;
};

}  // namespace sluice::json::schemas
