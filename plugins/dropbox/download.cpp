#include <string>

#include "api.hpp"
#include "content_hash.hpp"
#include "dropbox.hpp"

namespace sluice::dropbox {
namespace {

// Dropbox puts what it knows of the file into a header, as the body is the file.
json metadata_of(const http_response& response) {
    try {
        return json::parse(response.header("Dropbox-API-Result"));
    } catch (const json_error& error) {
        throw failure(SLUICE_UNAVAILABLE,
                      std::string("the header Dropbox-API-Result is ") + error.what());
    }
}

}  // namespace

task<json> connector::download(context& ctx, const json& input) {
    const api dropbox(ctx);
    const json argument{{"path", required_string(input, "path")}};
    task<http_response> asked = dropbox.fetch("files/download", argument);
    const http_response response = co_await asked;
    const json metadata = metadata_of(response);
    const blob content = response.body_blob;
    task<std::string> hashing = content_hash_of(content);
    const std::string hash = co_await hashing;
    const std::string expected = metadata.get_or("content_hash", "");
    if (!expected.empty() && hash != expected) {
        throw failure(SLUICE_UNAVAILABLE,
                      "the file was damaged on its way: its content_hash is another one");
    }
    json file = content.reference();
    if (!input["contentType"].is_null()) {
        file.set("contentType", required_string(input, "contentType"));
    }
    co_return json{{"file", file}, {"metadata", metadata}};
}

}  // namespace sluice::dropbox
