#include "manifest/openapi.hpp"

#include <array>
#include <map>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/openapi_assembly.hpp"
#include "manifest/openapi_document.hpp"

namespace sluice::manifest {

struct openapi::content {
    json::value document;
    std::vector<std::string> ids;
    std::map<std::string, api_operation, std::less<>> operations;
};

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> methods = {
    {{"get", "GET"},
     {"put", "PUT"},
     {"post", "POST"},
     {"delete", "DELETE"},
     {"options", "OPTIONS"},
     {"head", "HEAD"},
     {"patch", "PATCH"},
     {"trace", "TRACE"}}};

bool is_known_version(const json::value& document) {
    return document.string_or("openapi", "").starts_with("3.") ||
           document.string_or("swagger", "") == "2.0";
}

}  // namespace

openapi::openapi(std::shared_ptr<const content> held) : held_(std::move(held)) {}

base::result<openapi> openapi::read(const json::value& document) {
    if (!is_known_version(document)) {
        return base::make_error(base::error_code::unsupported, "this is no API description",
                                "it must have openapi: 3.x or swagger: \"2.0\"");
    }
    const json::value& paths = document.get("paths");
    auto made = std::make_shared<content>();
    made->document = document;
    for (std::size_t i = 0; paths.is_object() && i < paths.size(); ++i) {
        const auto& [path, written] = paths.members()[i];
        const base::result<json::value> item = follow_reference(document, written);
        // One path that is elsewhere is no reason to do without the others.
        if (!item) continue;
        for (const auto& [key, method] : methods) {
            const json::value& operation = item->get(key);
            std::string id = operation.string_or("operationId", "");
            if (id.empty()) continue;
            api_operation found{id, std::string(method), path, *item, operation};
            if (made->operations.emplace(id, std::move(found)).second) {
                made->ids.push_back(std::move(id));
            }
        }
    }
    return openapi(std::move(made));
}

const std::vector<std::string>& openapi::operation_ids() const { return held_->ids; }

base::result<openapi_request> openapi::request(std::string_view operation_id,
                                               const json::value& parameters,
                                               const openapi_options& options) const {
    const auto found = held_->operations.find(operation_id);
    if (found == held_->operations.end()) {
        return base::make_error(
            base::error_code::not_found,
            "the API description has no operation \"" + std::string(operation_id) + "\"",
            expression::did_you_mean(operation_id, held_->ids));
    }
    base::result<openapi_request> made =
        assemble(held_->document, found->second, parameters, options);
    if (!made) {
        base::error& failure = made.error_value();
        failure.message = "operation \"" + found->first + "\": " + failure.message;
    }
    return made;
}

}  // namespace sluice::manifest
