// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>

namespace sluice::dropbox::testing {

using sluice::testing::call_options;
using sluice::testing::call_result;
using sluice::testing::mock_host;
using sluice::testing::recorded_request;

inline const std::string api_base = "https://api.dropboxapi.com/2/";
inline const std::string content_base = "https://content.dropboxapi.com/2/";
inline const std::string notify_base = "https://notify.dropboxapi.com/2/";

inline json connection() { return json{{"type", "oauth2"}, {"accessToken", "sl.t0k3n"}}; }

// A refusal (409) as Dropbox writes it; `more` are further members of its error.
inline std::string refused(const std::string& tags, json error = json::object()) {
    const std::string tag = tags.substr(0, tags.find('/'));
    if (!error.contains(".tag")) error.set(".tag", tag);
    return json{{"error_summary", tags + "/."}, {"error", std::move(error)}}.dump();
}

inline std::string file(const std::string& path, const std::string& hash = "",
                        const std::string& id = "id:1") {
    json made{{".tag", "file"},     {"name", path.substr(path.rfind('/') + 1)},
              {"path_lower", path}, {"path_display", path},
              {"id", id},           {"rev", "0123456789"}};
    if (!hash.empty()) made.set("content_hash", hash);
    return made.dump();
}

inline json argument_of(const recorded_request& request) {
    return json::parse(request.header("Dropbox-API-Arg"));
}

// Whether a request is about this path, or this id.
inline auto about(const std::string& path) {
    return [path](const recorded_request& request) {
        const json argument =
            request.url.starts_with(content_base) ? argument_of(request) : request.body_json();
        const json& commit = argument["commit"].is_object() ? argument["commit"] : argument;
        const char* const key = commit["to_path"].is_string() ? "to_path" : "path";
        return commit[key] == json(path);
    };
}

// What the last requests were: "get_metadata", "upload_session/finish".
inline std::vector<std::string> routes(const mock_host& host) {
    std::vector<std::string> found;
    for (const recorded_request& request : host.requests()) {
        const std::size_t files = request.url.find("/2/");
        found.push_back(request.url.substr(request.url.find('/', files + 3) + 1));
    }
    return found;
}

}  // namespace sluice::dropbox::testing
