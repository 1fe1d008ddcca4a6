#include "api.hpp"

#include <chrono>
#include <cstdint>
#include <sluice/base_address.hpp>
#include <utility>

#include "errors.hpp"

namespace sluice::github {
namespace {

// The calendar version of the API that this connector is written for.
constexpr std::string_view api_version = "2022-11-28";
constexpr std::string_view user_agent = "sluice-github/0.1.0";
constexpr std::string_view public_base = "https://api.github.com";

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

// GitHub Enterprise Server has it beside the API: https://HOST/api/v3, https://HOST/api/uploads.
std::string upload_address(const json& connection, const std::string& base) {
    if (!connection["uploadUrl"].is_null()) {
        return base_address(connection, "uploadUrl", "https://uploads.github.com");
    }
    if (base == public_base) return "https://uploads.github.com";
    constexpr std::string_view api_path = "/api/v3";
    std::string_view host = base;
    while (host.ends_with('/'))
        host.remove_suffix(1);
    if (!host.ends_with(api_path)) return base;
    return std::string(host.substr(0, host.size() - api_path.size())) + "/api/uploads";
}

std::string text_or_number(const context& ctx, std::string_view field) {
    const json& value = ctx.connection()[field];
    return value.is_int64() ? std::to_string(value.as_int64()) : ctx.connection_string(field);
}

// An app that gets its own tokens; nothing when something else brings them.
std::optional<app_identity> app_of(const context& ctx) {
    const json& connection = ctx.connection();
    const bool is_app = connection.get_or("type", "token") == "app";
    if (!is_app || !connection.get_or("installationToken", "").empty()) return std::nullopt;
    if (connection["privateKey"].is_null()) return std::nullopt;
    return app_identity{text_or_number(ctx, "appId"), ctx.connection_string("privateKey"),
                        text_or_number(ctx, "installationId")};
}

std::string token_of(const context& ctx) {
    const std::string type = ctx.connection().get_or("type", "token");
    if (type == "oauth") return ctx.connection_string("accessToken");
    return ctx.connection_string(type == "app" ? "installationToken" : "token");
}

// "owner/name" as two segments.
url add_repository(url base, const json& input) {
    const std::string& full_name = required_string(input, "repository");
    const std::size_t slash = full_name.find('/');
    if (slash == full_name.npos || full_name.find('/', slash + 1) != full_name.npos) {
        throw bad_input("'repository' must be like owner/name, it is '" + full_name + "'");
    }
    return std::move(base)
        .path("/repos")
        .segment(full_name.substr(0, slash))
        .segment(full_name.substr(slash + 1));
}

std::int64_t seconds_of(std::chrono::sys_time<std::chrono::milliseconds> time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// The body of a refusal, which the host wrote into a blob as it would have written the file.
task<std::string> read_refusal(blob body) {
    constexpr std::size_t enough = std::size_t{64} * 1024;
    if (!body) co_return std::string();
    auto reading = body.read(0, enough);
    co_return co_await reading;
}

}  // namespace

api::api(const context& ctx, app_tokens& tokens)
    : context_(ctx),
      tokens_(tokens),
      base_(base_address(ctx.connection(), "baseUrl", public_base)),
      upload_base_(upload_address(ctx.connection(), base_)),
      app_(app_of(ctx)) {
    if (app_) {
        token_key_ = token_key(base_, *app_);
    } else {
        token_ = token_of(ctx);
    }
}

url api::address(std::string_view path) const { return url(base_).path(path); }

url api::repository(const json& input) const { return add_repository(url(base_), input); }

url api::uploads(const json& input) const { return add_repository(url(upload_base_), input); }

url api::hooks(const json& input) const {
    if (input["organization"].is_null()) return repository(input).path("/hooks");
    if (!input["repository"].is_null()) {
        throw bad_input("the input has both 'repository' and 'organization'");
    }
    return url(base_).path("/orgs").segment(required_string(input, "organization")).path("/hooks");
}

http_request api::request(std::string method, std::string address, std::string_view accept) const {
    http_request made(std::move(method), std::move(address));
    made.header("Accept", accept)
        .header("X-GitHub-Api-Version", api_version)
        .header("User-Agent", user_agent);
    return made;
}

task<std::string> api::installation_token() const {
    const std::int64_t ours = seconds_of(context_.now());
    if (std::optional<std::string> known = tokens_.find(token_key_, ours)) co_return *known;
    const std::string where =
        url(base_).path("/app/installations").segment(app_->installation_id).path("/access_tokens");
    std::int64_t now = ours;
    http_response response;
    for (int round = 0; round < 2; ++round) {
        http_request made = request("POST", where);
        made.bearer(app_statement(*app_, now));
        response = co_await context_.http(std::move(made));
        const auto theirs = parse_http_date(response.header("Date"));
        if (response.status != 401 || !theirs) break;
        now = *theirs;  // our clock may be the wrong one
    }
    if (!response.ok()) throw refusal(response);
    const json made = response.json();
    std::string token = made.get_or("token", "");
    if (token.empty()) throw failure(SLUICE_UNAVAILABLE, "GitHub gave no installation token");
    tokens_.keep(token_key_, token, ours);
    co_return token;
}

task<std::string> api::token() const {
    if (!app_) co_return token_;
    task<std::string> getting = installation_token();
    co_return co_await getting;
}

task<http_response> api::exchange(http_request made) const {
    http_response response;
    for (int round = 0; round < 2; ++round) {
        task<std::string> getting = token();
        const std::string with = co_await getting;
        http_request authorized = made;
        authorized.bearer(with);
        response = co_await context_.http(std::move(authorized));
        if (response.status != 401 || !app_) break;
        tokens_.forget(token_key_, with);
    }
    if (response.ok() || response.status == 304) co_return response;
    if (response.body_blob) {
        task<std::string> reading = read_refusal(response.body_blob);
        response.body = co_await reading;
    }
    throw refusal(response);
}

task<http_response> api::get(std::string address) const {
    return exchange(request("GET", std::move(address)));
}

task<http_response> api::get_if_changed(std::string address, std::string etag) const {
    http_request made = request("GET", std::move(address));
    if (!etag.empty()) made.header("If-None-Match", etag);
    return exchange(std::move(made));
}

task<http_response> api::get_raw(std::string address) const {
    http_request made = request("GET", std::move(address), "application/vnd.github.raw+json");
    made.body_to_blob();
    return exchange(std::move(made));
}

task<json> api::send(std::string method, std::string address, json body) const {
    http_request made = request(std::move(method), std::move(address));
    if (!body.is_null()) made.json_body(body);
    task<http_response> exchanged = exchange(std::move(made));
    const http_response response = co_await exchanged;
    co_return response.body.empty() ? json() : response.json();
}

task<bool> api::remove(std::string address) const {
    constexpr unsigned not_there = 404;
    bool removed = true;
    try {
        task<json> sent = send("DELETE", std::move(address));
        co_await sent;
    } catch (const failure& why) {
        if (why.http_status() != not_there) throw;
        removed = false;
    }
    co_return removed;
}

task<json> api::send(std::string method, std::string address) const {
    return send(std::move(method), std::move(address), json());
}

task<json> api::upload(std::string address, blob content, std::string content_type) const {
    http_request made = request("POST", std::move(address));
    made.blob_body(std::move(content), content_type);
    task<http_response> exchanged = exchange(std::move(made));
    const http_response response = co_await exchanged;
    co_return response.json();
}

std::string id_text(const json& input, std::string_view key) {
    const std::int64_t id = required_int(input, key);
    if (id < 1) throw bad_input("'" + std::string(key) + "' must be above 0");
    return std::to_string(id);
}

void copy_member(json& body, const json& input, std::string_view key, std::string_view github_key) {
    if (const json* found = input.find(key)) body.set(github_key, *found);
}

void add_filters(url& list, const json& input, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        if (const std::string value = input.get_or(key, ""); !value.empty()) list.query(key, value);
    }
}

}  // namespace sluice::github
