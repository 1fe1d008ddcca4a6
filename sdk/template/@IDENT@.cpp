#include <sluice/base_address.hpp>
#include <sluice/connector.hpp>
#include <sluice/option.hpp>
#include <string>
#include <string_view>
#include <utility>

using sluice::context;
using sluice::failure;
using sluice::http_request;
using sluice::http_response;
using sluice::json;
using sluice::task;
using sluice::url;

namespace {

// Every request goes through here: address, token, and what a refusal means to the host.
class api {
  public:
    explicit api(const context& ctx)
        : context_(ctx),
          base_(sluice::base_address(ctx.connection(), "baseUrl", "https://api.example.com")),
          token_(ctx.connection_string("token")) {}

    url at(std::string_view resource) const { return url(base_) / resource; }

    http_request request(std::string method, std::string address) const {
        http_request made(std::move(method), std::move(address));
        made.bearer(token_).header("Accept", "application/json");
        return made;
    }

    // Any status but 2xx is thrown with the code by which the host decides on another attempt.
    task<json> send(http_request request) const {
        const http_response response = co_await context_.http(std::move(request));
        sluice::require_ok(response, "@TITLE@");
        co_return response.json();
    }

  private:
    const context& context_;
    std::string base_;
    std::string token_;
};

}  // namespace

// Several calls run at the same time: what they share needs no lock only while it does not change.
class @IDENT@ {
  public:
    task<json> get_item(context& ctx, const json& input) {
        const api items(ctx);
        const url address = items.at("items").segment(sluice::required_string(input, "id"));
        task<json> sent = items.send(items.request("GET", address));
        co_return co_await sent;
    }

    task<json> list_items(context& ctx, const json& input) {
        const api items(ctx);
        url address = items.at("items");
        address.query("limit", sluice::int_option(input, "limit", 100, 1, 500));
        const std::string cursor = sluice::string_option(input, "cursor", "");
        if (!cursor.empty()) address.query("cursor", cursor);
        task<json> sent = items.send(items.request("GET", address));
        const json page = co_await sent;
        if (!page["records"].is_array()) {
            throw failure(SLUICE_UNAVAILABLE, "@TITLE@ answered without records");
        }
        const json& next = page["nextCursor"];
        co_return json{{"items", page["records"]}, {"cursor", next}, {"more", !next.is_null()}};
    }
};

// The names are those of connector.json.
SLUICE_CONNECTOR(@IDENT@, "@NAME@", sluice::action("getItem", &@IDENT@::get_item),
                 sluice::action("listItems", &@IDENT@::list_items))
