#include "reading_options.hpp"

#include <sluice/option.hpp>

namespace xml {

using sluice::failure;

reading_options read_options(const json& input) {
    reading_options options;
    const std::string names =
        sluice::choice_option(input, "namespaces", {"keep", "expand", "local"});
    options.names = names == "keep"     ? naming::keep
                    : names == "expand" ? naming::expand
                                        : naming::local;
    const json& prefixes = input["prefixes"];
    if (!prefixes.is_null()) {
        if (!prefixes.is_object() || options.names != naming::expand) {
            throw failure(SLUICE_INVALID_INPUT,
                          "'prefixes' must be an object by uri, with namespaces: expand");
        }
        for (const auto& [uri, prefix] : prefixes.members()) {
            if (!prefix.is_string()) {
                throw failure(SLUICE_INVALID_INPUT, "the values of 'prefixes' must be strings");
            }
            options.prefixes[uri] = prefix.as_string();
        }
    }
    if (!input["lists"].is_null()) {
        for (const json& name : sluice::required_array(input, "lists").items()) {
            if (!name.is_string()) {
                throw failure(SLUICE_INVALID_INPUT, "'lists' must be names of elements");
            }
            options.lists.insert(name.as_string());
        }
    }
    options.trim = sluice::bool_option(input, "trim", true);
    // JSON may nest 512 levels deep, an element in a list takes two.
    constexpr std::int64_t deepest = 200;
    options.max_depth = static_cast<std::size_t>(sluice::int_option(
        input, "maxDepth", static_cast<std::int64_t>(options.max_depth), 1, deepest));
    return options;
}

}  // namespace xml
