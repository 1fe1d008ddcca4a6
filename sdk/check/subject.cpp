#include "subject.hpp"

#include <algorithm>

#include "samples.hpp"

namespace sluice::checking {
namespace {

constexpr const char* secret_mark = "s3cret-of-the-check-";

bool has_flag(const json& action, std::string_view flag) {
    const auto& flags = action["flags"].items();
    return std::find(flags.begin(), flags.end(), json(flag)) != flags.end();
}

json sample_request() {
    return json{{"method", "POST"},
                {"path", "/hooks/check"},
                {"query", json::object()},
                {"headers", json{{"content-type", "application/json"}}},
                {"body", "{}"}};
}

json sample_connection(const std::string& type, const json& description,
                       const sample_options& options) {
    json made = sample(description["fields"], "", options);
    if (!made.is_object()) made = json::object();
    made.set("type", type);
    // The host fetches it and hands it over with the fields.
    if (description["oauth2"].is_object()) made.set("accessToken", options.secret + "accessToken");
    return made;
}

std::string content_for(std::string_view type) {
    if (type.find("csv") != type.npos) return "id,name\n1,Ada\n2,\"Grace, B.\"\n";
    if (type.find("xml") != type.npos) return "<rows><row id=\"1\">Ada</row></rows>";
    if (type.find("json") != type.npos) return R"([{"id": 1, "name": "Ada"}])";
    if (type.find("pdf") != type.npos) return "%PDF-1.4\n%%EOF\n";
    return "some bytes\n";
}

}  // namespace

subject make_subject(sluice_entry entry, std::string_view descriptor,
                     const std::filesystem::path& folder, std::uint64_t seed) {
    subject made;
    made.entry = entry;
    made.descriptor = json::parse(descriptor);
    made.folder = folder;
    made.seed = seed;
    const sample_options options{folder.string(), secret_mark, true};
    std::vector<json> connections;
    for (const auto& [type, description] : made.descriptor["connections"].members()) {
        connections.push_back(sample_connection(type, description, options));
        for (const auto& [name, value] : connections.back().members()) {
            if (value.is_string() && value.as_string().starts_with(secret_mark)) {
                made.secrets.push_back(value.as_string());
            }
        }
    }
    for (const auto& [id, description] : made.descriptor["actions"].members()) {
        checked_action& action = made.actions.emplace_back();
        action.id = id;
        action.blocking = has_flag(description, "blocking");
        action.input_schema = description["input"];
        action.output_schema = description["output"];
        for (const json& example : description["examples"].items()) {
            action.inputs.push_back(example["input"]);
            action.replies.push_back(example["http"]);
        }
        action.has_examples = !action.inputs.empty();
        if (action.inputs.empty()) {
            json input = sample(action.input_schema, "", options);
            action.inputs.push_back(input.is_object() ? std::move(input) : json::object());
            action.replies.emplace_back();
        }
        action.verifier = has_flag(description, "verifier");
        if (action.verifier) {
            for (json& input : action.inputs)
                input.set("request", sample_request());
        }
        const std::string need = description.get_or("connection", "none");
        if (need != "none") action.connections = connections;
        if (need != "required" || action.connections.empty()) action.connections.emplace_back();
    }
    return made;
}

bool has_files(const json& input) {
    const auto& items = input.items();
    const auto& members = input.members();
    return input.contains("$blob") || std::any_of(items.begin(), items.end(), has_files) ||
           std::any_of(members.begin(), members.end(),
                       [](const json::member& one) { return has_files(one.second); });
}

json with_files(testing::mock_host& host, const json& input) {
    // Most inputs have none, and large ones are not made anew for nothing.
    if (!has_files(input)) return input;
    if (input.is_array()) {
        json made = json::array();
        for (const json& item : input.items())
            made.push(with_files(host, item));
        return made;
    }
    if (!input.is_object()) return input;
    if (input.contains("$blob")) {
        const std::string type = input.get_or("contentType", "application/octet-stream");
        return host.add_blob(type, content_for(type));
    }
    json made = json::object();
    for (const auto& [key, value] : input.members())
        made.set(key, with_files(host, value));
    return made;
}

}  // namespace sluice::checking
