#include "api.hpp"

#include <algorithm>
#include <sluice/base_address.hpp>
#include <utility>

#include "errors.hpp"
#include "limits.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::string_view usual_login = "https://login.salesforce.com";
constexpr std::string_view usual_version = "65.0";

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Where the organization's data is: the host puts the token's instance_url into baseUrl where the
// connection does not say another one. At the common login addresses there is no data.
std::string data_address(const json& connection) {
    const bool is_said = !connection.get_or("baseUrl", "").empty();
    std::string base = is_said
                           ? base_address(connection, "baseUrl", "https://acme.my.salesforce.com")
                           : base_address(connection, "loginUrl", usual_login);
    for (const std::string_view login : {"login.salesforce.com", "test.salesforce.com"}) {
        if (base.find(login) != std::string::npos) {
            throw bad_input(
                "the connection needs a baseUrl like https://acme.my.salesforce.com: nobody's data"
                " is at " +
                std::string(login));
        }
    }
    return base;
}

std::string version_of(const json& connection) {
    const std::string version = connection.get_or("apiVersion", usual_version);
    const std::size_t dot = version.find('.');
    const bool fits = dot >= 2 && dot <= 3 && version.size() == dot + 2 && version.ends_with('0') &&
                      std::all_of(version.begin(), version.begin() + static_cast<long>(dot),
                                  [](char c) { return is_digit(c); });
    if (!fits) {
        throw bad_input("the connection's apiVersion must be like 65.0, it is '" + version + "'");
    }
    return version;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 255 && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

}  // namespace

api::api(const context& ctx)
    : context_(ctx),
      base_(data_address(ctx.connection())),
      version_(version_of(ctx.connection())),
      token_(ctx.connection_string("accessToken")) {}

url api::data(std::string_view path) const {
    return url(base_).path(data_path() + std::string(path));
}

http_request api::request(std::string method, std::string address, std::string_view accept) const {
    http_request made(std::move(method), std::move(address));
    made.bearer(token_).header("Accept", accept);
    return made;
}

task<http_response> api::send(http_request request) const {
    http_response response = co_await context_.http(std::move(request));
    warn_near_limit(response);
    if (response.ok()) co_return response;
    if (!response.body_blob) throw refusal(response);
    constexpr std::size_t longest_explanation = 65'536;
    const std::string body = co_await response.body_blob.read(0, longest_explanation);
    throw refusal(response, body);
}

task<json> api::send_json(http_request request) const {
    task<http_response> sent = send(std::move(request));
    const http_response response = co_await sent;
    co_return response.body.empty() ? json() : response.json();
}

task<json> api::get(std::string address) const {
    return send_json(request("GET", std::move(address)));
}

task<json> api::write(std::string method, std::string address, json body) const {
    http_request made = request(std::move(method), std::move(address));
    if (!body.is_null()) made.json_body(body);
    return send_json(std::move(made));
}

void api::warn_near_limit(const http_response& response) const {
    const std::optional<api_usage> usage = read_usage(response.header("Sforce-Limit-Info"));
    if (!usage || !usage->is_near_limit()) return;
    context_.log(log_level::warning,
                 "Salesforce's allowance of API requests for 24 hours is nearly used up",
                 json{{"used", usage->used}, {"allowed", usage->allowed}});
}

const std::string& checked_name(const std::string& name, std::string_view key) {
    if (is_name(name)) return name;
    throw bad_input("'" + std::string(key) + "' must be an API name such as Account or Size__c");
}

const std::string& checked_path(const std::string& path, std::string_view key) {
    for (std::string_view rest = path; true;) {
        const std::size_t dot = std::min(rest.find('.'), rest.size());
        if (!is_name(rest.substr(0, dot))) {
            throw bad_input("'" + std::string(key) +
                            "' must be API names such as Name, Size__c or Owner.Name");
        }
        if (dot == rest.size()) return path;
        rest.remove_prefix(dot + 1);
    }
}

bool is_id(std::string_view text) {
    return (text.size() == 15 || text.size() == 18) &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_letter(c) || is_digit(c); });
}

const std::string& checked_id(const std::string& id, std::string_view key) {
    if (is_id(id)) return id;
    throw bad_input("'" + std::string(key) +
                    "' must be an id of Salesforce: 15 or 18 letters and digits");
}

url object_address(const api& salesforce, const json& input) {
    const std::string& name = checked_name(required_string(input, "object"), "object");
    return salesforce.data("/sobjects").segment(name);
}

std::int64_t number_between(const json& input, std::string_view key, std::int64_t usual,
                            std::int64_t least, std::int64_t most) {
    if (input[key].is_null()) return usual;
    const std::int64_t number = required_int(input, key);
    if (number < least || number > most) {
        throw bad_input("'" + std::string(key) + "' must be " + std::to_string(least) + " to " +
                        std::to_string(most) + ", it is " + std::to_string(number));
    }
    return number;
}

}  // namespace sluice::salesforce
