#include "api.hpp"

#include <cstdint>
#include <sluice/base_address.hpp>
#include <utility>

#include "argument_text.hpp"

namespace sluice::dropbox {
namespace {

constexpr std::string_view user_agent = "sluice-dropbox/0.1.0";
// For a request with at most some MiB in it, also over a slow line.
constexpr std::uint32_t piece_timeout_ms = 300'000;

const std::string& token_of(const context& ctx) {
    const std::string type = ctx.connection().get_or("type", "token");
    return ctx.connection_string(type == "oauth2" ? "accessToken" : "token");
}

// The value of the header that says below which namespace paths are meant.
std::string path_root_of(const json& connection) {
    const std::string id = connection.get_or("pathRoot", "");
    if (id.empty()) return {};
    return argument_text(json{{".tag", "namespace_id"}, {"namespace_id", id}});
}

// The body of a refusal, which the host wrote into a blob as it would have written the file.
task<std::string> read_refusal(blob body) {
    constexpr std::size_t enough = std::size_t{64} * 1024;
    if (!body) co_return std::string();
    auto reading = body.read(0, enough);
    co_return co_await reading;
}

}  // namespace

const json& answer::result() const {
    if (refused) throw failure(*refused);
    return value;
}

api::api(const context& ctx)
    : context_(ctx),
      api_url_(base_address(ctx.connection(), "apiUrl", "https://api.dropboxapi.com")),
      content_url_(base_address(ctx.connection(), "contentUrl", "https://content.dropboxapi.com")),
      notify_url_(base_address(ctx.connection(), "notifyUrl", "https://notify.dropboxapi.com")),
      token_(token_of(ctx)),
      path_root_(path_root_of(ctx.connection())) {}

http_request api::with_token(const std::string& base, const std::string& route) const {
    http_request made("POST", url(base).path("/2").path(route));
    made.bearer(token_).header("User-Agent", user_agent);
    if (!path_root_.empty()) made.header("Dropbox-API-Path-Root", path_root_);
    return made;
}

http_request api::content_request(const std::string& route, const json& argument) const {
    http_request made = with_token(content_url_, route);
    made.header("Dropbox-API-Arg", argument_text(argument));
    return made;
}

task<answer> api::exchange(http_request request) const {
    const http_response response = co_await context_.http(std::move(request));
    answer made;
    if (response.ok()) {
        if (!response.body.empty()) made.value = response.json();
    } else if (response.status == 409) {
        made.why = reason_of(response);
        made.refused = refusal(response);
    } else {
        throw refusal(response);
    }
    co_return made;
}

task<answer> api::ask(std::string route, json argument) const {
    http_request made = with_token(api_url_, route);
    made.json_body(argument);
    return exchange(std::move(made));
}

task<json> api::call(std::string route, json argument) const {
    task<answer> asked = ask(std::move(route), std::move(argument));
    const answer got = co_await asked;
    co_return got.result();
}

task<answer> api::send(std::string route, json argument, std::string bytes) const {
    http_request made = content_request(route, argument);
    made.body(std::move(bytes), "application/octet-stream").timeout_ms(piece_timeout_ms);
    return exchange(std::move(made));
}

task<answer> api::send(std::string route, json argument, blob content) const {
    http_request made = content_request(route, argument);
    made.blob_body(std::move(content), "application/octet-stream");
    return exchange(std::move(made));
}

task<http_response> api::fetch(std::string route, json argument) const {
    http_request made = content_request(route, argument);
    made.body_to_blob();
    http_response response = co_await context_.http(std::move(made));
    if (!response.ok()) {
        task<std::string> reading = read_refusal(response.body_blob);
        response.body = co_await reading;
        throw refusal(response);
    }
    co_return response;
}

task<answer> api::wait(std::string route, json argument, std::uint32_t timeout_ms) const {
    http_request made("POST", url(notify_url_).path("/2").path(route));
    made.header("User-Agent", user_agent).json_body(argument).timeout_ms(timeout_ms);
    return exchange(std::move(made));
}

std::string folder_path(const json& input, std::string_view key) {
    if (input[key].is_null()) return {};
    std::string path =
        input[key].is_string() ? input[key].as_string() : required_string(input, key);
    if (path == "/") path.clear();
    return path;
}

void copy_member(json& argument, const json& input, std::string_view key,
                 std::string_view dropbox_key) {
    if (const json* found = input.find(key); found != nullptr && !found->is_null()) {
        argument.set(dropbox_key, *found);
    }
}

}  // namespace sluice::dropbox
