#include "manifest/schema_reader.hpp"

namespace sluice::manifest {

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
    return nullptr;
}

}  // namespace sluice::manifest
