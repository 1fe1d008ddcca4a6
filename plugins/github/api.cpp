#include "api.hpp"

#include <algorithm>
#include <utility>

#include "errors.hpp"

namespace sluice::github {
namespace {

// The calendar version of the API that this connector is written for.
constexpr std::string_view api_version = "2022-11-28";
constexpr std::string_view user_agent = "sluice-github/0.1.0";

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

std::string base_address(const json& connection) {
    const std::string base = connection.get_or("baseUrl", "https://api.github.com");
    const bool has_scheme = base.starts_with("https://") || base.starts_with("http://");
    const bool is_plain = std::all_of(base.begin(), base.end(), [](char c) {
        return c > ' ' && c < '\x7F' && c != '?' && c != '#' && c != '@' && c != '\\';
    });
    if (!has_scheme || !is_plain) {
        throw bad_input(
            "the connection's baseUrl must be like https://api.github.com, or"
            " https://HOST/api/v3 for GitHub Enterprise Server");
    }
    return base;
}

const std::string& token_of(const context& ctx) {
    const std::string type = ctx.connection().get_or("type", "token");
    if (type == "oauth") return ctx.connection_string("accessToken");
    return ctx.connection_string(type == "app" ? "installationToken" : "token");
}

}  // namespace

api::api(const context& ctx)
    : context_(ctx), base_(base_address(ctx.connection())), token_(token_of(ctx)) {}

url api::address(std::string_view path) const { return url(base_).path(path); }

url api::repository(const json& input) const {
    const std::string& full_name = required_string(input, "repository");
    const std::size_t slash = full_name.find('/');
    if (slash == full_name.npos || full_name.find('/', slash + 1) != full_name.npos) {
        throw bad_input("'repository' must be like owner/name, it is '" + full_name + "'");
    }
    return url(base_)
        .path("/repos")
        .segment(full_name.substr(0, slash))
        .segment(full_name.substr(slash + 1));
}

http_request api::request(std::string method, std::string address) const {
    http_request made(std::move(method), std::move(address));
    made.bearer(token_)
        .header("Accept", "application/vnd.github+json")
        .header("X-GitHub-Api-Version", api_version)
        .header("User-Agent", user_agent);
    return made;
}

task<http_response> api::get(std::string address) const {
    http_request made = request("GET", std::move(address));
    http_response response = co_await context_.http(std::move(made));
    if (!response.ok()) throw refusal(response);
    co_return response;
}

task<json> api::send(std::string method, std::string address, json body) const {
    http_request made = request(std::move(method), std::move(address));
    if (!body.is_null()) made.json_body(body);
    http_response response = co_await context_.http(std::move(made));
    if (!response.ok()) throw refusal(response);
    co_return response.body.empty() ? json() : response.json();
}

task<json> api::send(std::string method, std::string address) const {
    return send(std::move(method), std::move(address), json());
}

std::string id_text(const json& input, std::string_view key) {
    const std::int64_t id = required_int(input, key);
    if (id < 1) throw bad_input("'" + std::string(key) + "' must be above 0");
    return std::to_string(id);
}

void copy_member(json& body, const json& input, std::string_view key, std::string_view github_key) {
    if (const json* found = input.find(key)) body.set(github_key, *found);
}

}  // namespace sluice::github
