#include "json/schema_identifiers.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

#include "json/pointer.hpp"

namespace sluice::json::schemas {
namespace {

constexpr std::size_t longest_uri = 4096;

base::error refuse(std::string message, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

base::result<split_uri> resolve(std::string_view base, std::string_view reference) {
    if (reference.size() > longest_uri) return refuse("the URI is too long");
    const auto parsed = boost::urls::parse_uri_reference(reference);
    const auto parsed_base = boost::urls::parse_uri(base);
    if (!parsed || !parsed_base) return refuse(quoted(reference) + " is no URI reference");
    boost::urls::url resolved;
    if (!boost::urls::resolve(*parsed_base, *parsed, resolved)) {
        return refuse(quoted(reference) + " is no URI reference");
    }
    split_uri made;
    made.fragment = std::string(resolved.fragment());
    resolved.remove_fragment();
    made.base = std::string(resolved.buffer());
    return made;
}

std::optional<dialect> dialect_named(std::string_view uri) {
    if (uri.ends_with('#')) uri.remove_suffix(1);
    if (uri == "http://json-schema.org/draft-07/schema" ||
        uri == "http://json-schema.org/draft-06/schema" ||
        uri == "https://json-schema.org/draft-07/schema") {
        return dialect::draft7;
    }
    if (uri == "https://json-schema.org/draft/2020-12/schema" ||
        uri == "https://json-schema.org/draft/2019-09/schema" ||
        uri == "https://spec.openapis.org/oas/3.1/dialect/base") {
        return dialect::draft2020;
    }
    return {};
}

bool identifiers::add_resource(const location& root) {
    return resources_.emplace(root.scope.base, root).second;
}

bool identifiers::add_anchor(std::string_view base, std::string_view name, const location& at) {
    return anchors_.emplace(std::string(base) + "#" + std::string(name), at).second;
}

base::result<location> identifiers::find(std::string_view reference, const scope& from) const {
    const base::result<split_uri> target = resolve(from.base, reference);
    if (!target) return target.error_value();
    const auto resource = resources_.find(target->base);
    if (resource == resources_.end()) {
        return refuse("the reference " + quoted(reference) + " leaves the document",
                      "other documents are not loaded: put the schema under $defs");
    }
    if (target->fragment.empty()) return resource->second;
    if (target->fragment.starts_with('/')) {
        const location& root = resource->second;
        if (const value* const found = find_pointer(root.content, target->fragment)) {
            return location{*found, root.pointer + target->fragment, root.scope};
        }
    } else {
        const auto anchor = anchors_.find(target->base + "#" + target->fragment);
        if (anchor != anchors_.end()) return anchor->second;
    }
    return refuse("the reference " + quoted(reference) + " names nothing in the document");
}

}  // namespace sluice::json::schemas
