#include "manifest/config_type.hpp"

#include <array>

namespace sluice::manifest {
namespace {

using kind = config_declaration::kind;
constexpr std::array<config_type, 15> types = {{
    {kind::string, "string", "text", "string"},
    {kind::text, "text", "text", "string"},
    {kind::secret, "secret", "text", "string"},
    {kind::number, "number", "a number", "number"},
    {kind::integer, "integer", "a whole number", "integer"},
    {kind::boolean, "boolean", "true or false", "boolean"},
    {kind::date, "date", "a date like 2026-01-31", "string"},
    {kind::timestamp, "timestamp", "a time like 2026-01-31T08:00:00Z", "string"},
    {kind::picklist, "picklist", "one of its options", ""},
    {kind::cron, "cron", "a schedule like \"0 3 * * mon-fri\" or { cron, timezone }", "string"},
    {kind::json, "json", "JSON", ""},
    {kind::object, "object", "an object", "object"},
    {kind::array, "array", "a list", "array"},
    {kind::field_map, "fieldMap", "an object of field names", "object"},
    {kind::key_values, "keyValues", "a list of { key, value } or an object", "array"},
}};

}  // namespace

bool config_type::is_text() const {
    return kind == kind::string || kind == kind::text || kind == kind::secret;
}

std::span<const config_type> config_types() { return types; }

const config_type& config_type_of(config_declaration::kind kind) {
    for (const config_type& each : types) {
        if (each.kind == kind) return each;
    }
    return types.front();
}

std::vector<std::string> config_type_names() {
    std::vector<std::string> all;
    for (const config_type& each : types)
        all.emplace_back(each.name);
    return all;
}

}  // namespace sluice::manifest
