#include "cli/admin_client.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/file.hpp"
#include "base/log.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/outgoing_network.hpp"
#include "cli/output.hpp"
#include "cli/serve_settings.hpp"
#include "json/text.hpp"
#include "net/io_loop.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

constexpr const char* usual_url = "http://127.0.0.1:8181";
constexpr std::int64_t timeout_ms = 120'000;  // changes of very many instances take their time

base::result<std::string> token_of(const admin_settings& settings) {
    std::string token;
    if (settings.token_file.empty()) {
        token = environment_variable("SLUICE_TOKEN").value_or("");
    } else {
        base::result<std::string> content = base::read_file(settings.token_file, 4096);
        if (!content) return std::move(content).error_value();
        token = content->substr(0, content->find_first_of("\r\n"));
    }
    base::add_log_secret(token);
    if (!token.empty()) return token;
    return base::make_error(base::error_code::invalid_input, "there is no token for the admin API",
                            "give --token-file FILE or set SLUICE_TOKEN");
}

base::error_code code_of(int status) {
    switch (status) {
        case 401:
        case 403:
            return base::error_code::auth;
        case 404:
            return base::error_code::not_found;
        case 409:
            return base::error_code::conflict;
        case 429:
            return base::error_code::rate_limited;
        default:
            // 502: the host works, and a third party does not.
            return status < 500 || status == 502 ? base::error_code::unsupported
                                                 : base::error_code::unavailable;
    }
}

base::result<json::value> content_of(const net::client_response& answer) {
    json::value body = json_or_text(answer.body);
    if (answer.status >= 200 && answer.status < 300) return body;
    std::string why = body.string_or("detail", body.string_or("title", ""));
    if (why.empty()) why = "the answer is " + std::to_string(answer.status);
    base::error out = base::make_error(code_of(answer.status), std::move(why));
    if (body.is_object()) out.details_json = json::to_text(body);
    return out;
}

// Each problem of documents that were refused, with its place.
void print_problems(const base::error& why) {
    const json::value problems = json_or_text(why.details_json).get("problems");
    if (!problems.is_array()) return print_error(why);
    for (const json::value& one : problems.items()) {
        base::error each =
            base::make_error(why.code, one.string_or("message", ""), one.string_or("hint", ""));
        if (one.get("file").is_string()) {
            each.where = base::source_position{one.string_or("file", ""),
                                               static_cast<int>(one.int_or("line", 0)),
                                               static_cast<int>(one.int_or("column", 0))};
        }
        print_error(each);
    }
}

}  // namespace

void add_admin_options(CLI::App& command, admin_settings& settings) {
    command.add_option(
        "--admin", settings.url,
        "Address of the admin API (or SLUICE_ADMIN; else " + std::string(usual_url) + ")");
    command.add_option("--token-file", settings.token_file,
                       "File with the token (or SLUICE_TOKEN with the token itself)");
    command.add_option("--ca-file", settings.ca_file, "Certificates to trust for https");
}

base::result<json::value> ask_admin(const admin_settings& settings, const std::string& method,
                                    const std::string& path, const json::value& body) {
    std::string url = settings.url;
    if (url.empty()) url = environment_variable("SLUICE_ADMIN").value_or(usual_url);
    while (url.ends_with('/'))
        url.pop_back();
    base::result<net::url> parsed = net::parse_url(url);
    if (!parsed) return std::move(parsed).error_value();
    if (!parsed->is_tls() && !is_loopback({parsed->host, parsed->port})) {
        return base::make_error(base::error_code::invalid_input,
                                "a token is sent to another machine over https only");
    }
    base::result<std::string> token = token_of(settings);
    if (!token) return std::move(token).error_value();

    net::io_loop loop;
    const std::string host =
        parsed->host.find(':') == std::string::npos ? parsed->host : "[" + parsed->host + "]";
    auto network =
        outgoing_network::open(loop, {host + ":" + std::to_string(parsed->port)}, settings.ca_file);
    if (!network) return std::move(network).error_value();
    net::client_request request;
    request.method = method;
    request.url = url + "/api/v1" + path;
    request.timeout_ms = timeout_ms;
    request.headers.set("Authorization", "Bearer " + *token);
    if (!body.is_null()) {
        request.headers.set("Content-Type", "application/json");
        request.body = json::to_text(body);
    }
    std::optional<base::result<net::client_response>> answer;
    (*network)->http().send(std::move(request), [&](base::result<net::client_response> told) {
        answer.emplace(std::move(told));
        loop.stop();
    });
    loop.run();
    if (!*answer) return std::move(*answer).error_value();
    return content_of(**answer);
}

base::result<std::vector<json::value>> all_pages(const admin_settings& settings,
                                                 const std::string& path) {
    std::vector<json::value> out;
    std::string next;
    do {
        const std::string cursor = next.empty() ? "" : "&cursor=" + net::percent_encode(next);
        const char* const limit =
            path.find('?') == std::string::npos ? "?limit=1000" : "&limit=1000";
        auto page = ask_admin(settings, "GET", path + limit + cursor);
        if (!page) return std::move(page).error_value();
        next = page->string_or("next", "");
        const json::value& items = page->get("items");
        if (!items.is_array()) break;
        for (const json::value& one : items.items())
            out.push_back(one);
    } while (!next.empty());
    return out;
}

void pause_ms(std::int64_t milliseconds) {
    net::io_loop loop;
    loop.run_after(milliseconds, [&loop] { loop.stop(); });
    loop.run();
}

int admin_failure(const base::error& why) {
    print_problems(why);
    switch (why.code) {
        case base::error_code::invalid_input:
            return exit_usage;
        case base::error_code::unavailable:
        case base::error_code::timeout:
        case base::error_code::internal:
            return exit_environment;
        default:
            return exit_refused;
    }
}

}  // namespace sluice::cli
