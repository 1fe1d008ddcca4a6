#include <algorithm>
#include <cstdint>
#include <optional>
#include <sluice/detail/utf8.hpp>
#include <sluice/encoding.hpp>
#include <string>
#include <utility>

#include "api.hpp"
#include "file_digests.hpp"
#include "github.hpp"

namespace sluice::github {
namespace {

// GitHub takes the bytes as Base64 inside JSON, so they are in memory.
constexpr std::uint64_t largest_put = std::uint64_t{16} * 1024 * 1024;
constexpr std::size_t read_size = std::size_t{1} * 1024 * 1024;

url contents_of(const api& github, const json& input, std::string_view path) {
    url address = github.repository(input).path("/contents");
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('/'), path.size());
        address.segment(path.substr(0, end));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return address;
}

std::string path_of_file(const json& input, bool may_be_root) {
    std::string path = may_be_root && input["path"].is_null()     ? std::string()
                       : may_be_root && input["path"] == json("") ? std::string()
                                                                  : required_string(input, "path");
    while (path.starts_with('/'))
        path.erase(0, 1);
    while (path.ends_with('/'))
        path.pop_back();
    if (path.empty() && !may_be_root) {
        throw failure(SLUICE_INVALID_INPUT, "'path' must name a file");
    }
    return path;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = detail::utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

// GitHub breaks its Base64 into lines.
std::string decoded(const json& file) {
    std::string text = file.get_or("content", "");
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
    std::optional<std::string> bytes = base64_decode(text);
    if (file.get_or("encoding", "") != "base64" || !bytes || !is_utf8(*bytes)) {
        throw failure(SLUICE_INVALID_INPUT,
                      "what is no UTF-8 or larger than 1 MiB cannot be a text: say as: file");
    }
    return std::move(*bytes);
}

json about(const json& file) {
    return json{{"type", file["type"]},
                {"path", file["path"]},
                {"name", file["name"]},
                {"sha", file["sha"]},
                {"size", file["size"]}};
}

task<std::string> read_all(blob content) {
    if (content.size() > largest_put) {
        throw failure(SLUICE_INVALID_INPUT, "the file is larger than 16 MiB");
    }
    std::string bytes;
    while (bytes.size() < content.size()) {
        auto reading = content.read(bytes.size(), read_size);
        const std::string part = co_await reading;
        if (part.empty()) throw failure(SLUICE_UNAVAILABLE, "the file ended early");
        bytes += part;
    }
    co_return bytes;
}

struct put_try {
    json done;
    std::optional<failure> refused;  // the file is there, or has changed
};

task<put_try> try_put(const api& github, std::string address, json body) {
    put_try tried;
    try {
        task<json> sent = github.send("PUT", std::move(address), std::move(body));
        tried.done = co_await sent;
    } catch (const failure& why) {
        const bool lacks_sha = why.http_status() == 422 &&
                               why.message().find("\"sha\" wasn't supplied") != std::string::npos;
        if (why.code() != SLUICE_CONFLICT && !lacks_sha) throw;
        tried.refused = why;
    }
    co_return tried;
}

}  // namespace

task<json> connector::get_contents(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const std::string as = input.get_or("as", "text");
    if (as != "text" && as != "file") {
        throw failure(SLUICE_INVALID_INPUT, "'as' must be text or file");
    }
    url address = contents_of(github, input, path_of_file(input, true));
    if (const std::string ref = input.get_or("ref", ""); !ref.empty()) address.query("ref", ref);
    task<json> asked = github.send("GET", address);
    const json found = co_await asked;
    if (found.is_array()) {
        json::array_type entries;
        for (const json& entry : found.items())
            entries.push_back(about(entry));
        co_return json{{"type", "dir"}, {"entries", json::array(std::move(entries))}};
    }
    json result = about(found);
    if (found.get_or("type", "") != "file") co_return result;
    if (as == "text") {
        result.set("text", decoded(found));
        co_return result;
    }
    // By its id, so that it is the file that `sha` names, whatever happens meanwhile.
    const url bytes =
        github.repository(input).path("/git/blobs").segment(required_string(found, "sha"));
    task<http_response> fetching = github.get_raw(bytes);
    const http_response response = co_await fetching;
    json file = response.body_blob.reference();
    file.set("contentType", input.get_or("contentType", "application/octet-stream"));
    result.set("file", std::move(file));
    co_return result;
}

task<json> connector::put_contents(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const url address = contents_of(github, input, path_of_file(input, false));
    json body{{"message", required_string(input, "message")}};
    for (const char* key : {"sha", "branch", "committer", "author"})
        copy_member(body, input, key, key);
    if (input["text"].is_string() == input["file"].is_object()) {
        throw failure(SLUICE_INVALID_INPUT, "the input needs either 'file' or 'text'");
    }
    std::string bytes;
    if (input["text"].is_string()) {
        bytes = input["text"].as_string();
    } else {
        task<std::string> reading = read_all(ctx.find_blob(input["file"]));
        bytes = co_await reading;
    }
    body.set("content", base64_encode(bytes));
    task<put_try> trying = try_put(github, address, body);
    const put_try tried = co_await trying;
    if (!tried.refused) {
        const json& made = tried.done["content"];
        co_return json{
            {"path", made["path"]}, {"sha", made["sha"]}, {"commit", tried.done["commit"]["sha"]}};
    }
    // A step that is repeated finds its work done.
    url look = address;
    if (const std::string branch = input.get_or("branch", ""); !branch.empty()) {
        look.query("ref", branch);
    }
    task<json> looking = github.send("GET", look);
    const json there = co_await looking;
    if (there["sha"] == json(git_file_id(bytes))) {
        co_return json{{"path", there["path"]}, {"sha", there["sha"]}, {"commit", nullptr}};
    }
    throw failure(SLUICE_CONFLICT, tried.refused->message())
        .http_status(tried.refused->http_status());
}

}  // namespace sluice::github
