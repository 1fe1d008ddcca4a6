#include "manifest/schema_reader.hpp"

#include <utility>

#include "json/schema.hpp"
#include "json/text.hpp"

namespace sluice::manifest {
namespace {

// Where in the file the part of the schema stands that the compiler refused.
base::source_position place_inside(const cursor& document, const base::error& failure) {
    const base::result<json::value> details = json::parse(failure.details_json);
    const std::string inner = details ? details->string_or("pointer", "") : "";
    return document.source().value_position(document.pointer() + inner);
}

}  // namespace

std::shared_ptr<const json::schema> read_schema(const cursor& at) {
    if (!at.exists() || !at.is_object("schema")) return nullptr;
    at.refuse_unknown("a schema", {"document", "resource", "format"});
    const cursor format = at.member("format");
    const std::optional<std::string> name = format.text("format");
    if (name && *name != "json" && !name->starts_with("json:")) {
        format.problem("schemas of the format \"" + *name + "\" are not supported",
                       "write a JSON Schema");
    }
    if (at.member("resource").exists()) {
        at.member("resource")
            .key_problem("schemas are not fetched from elsewhere",
                         "write it in place: schema: { document: ... }");
        return nullptr;
    }
    if (!at.member("document").exists()) {
        at.problem("a schema needs its `document`", "write schema: { document: { type: object } }");
        return nullptr;
    }
    const cursor document = at.member("document");
    base::result<json::schema> compiled = json::schema::compile(document.content());
    if (compiled) return std::make_shared<const json::schema>(std::move(*compiled));
    const base::error& failure = compiled.error_value();
    document.problem_at(place_inside(document, failure), "this is no schema: " + failure.message,
                        failure.hint);
    return nullptr;
}

}  // namespace sluice::manifest
