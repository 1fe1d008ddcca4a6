#include "json/schema.hpp"

#include <utility>

#include "json/schema_compiler.hpp"
#include "json/schema_validation.hpp"

namespace sluice::json {

schema::schema(std::shared_ptr<const schemas::compiled> content) : content_(std::move(content)) {}

base::result<schema> schema::compile(const value& document) {
    auto made = schemas::compile(document);
    if (!made) return std::move(made).error_value();
    return schema(std::move(made).value());
}

std::vector<violation> schema::validate(const value& instance,
                                        const validation_options& options) const {
    schemas::validation run(options);
    const schemas::place root;
    const bool fits = run.apply(*content_->root, {instance, root, nullptr, false});
    std::vector<violation> found = run.take();
    // Every refusal has its reason; if one ever came without, it is still a refusal.
    if (!fits && found.empty()) found.push_back({"", "", "does not fit the schema"});
    return found;
}

std::string explain(const violation& found) {
    return found.instance.empty() ? found.message : found.instance + ": " + found.message;
}

std::string explain(std::span<const violation> found) {
    std::string text;
    for (const violation& each : found) {
        if (!text.empty()) text += '\n';
        text += explain(each);
    }
    return text;
}

}  // namespace sluice::json
