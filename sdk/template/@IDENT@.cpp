#include <sluice/connector.hpp>

// Several calls run at the same time: what they share needs no lock only while it does not change.
class @IDENT@ {
  public:
    sluice::task<sluice::json> get_item(sluice::context& ctx, const sluice::json& input) {
        const sluice::url address = sluice::url(ctx.connection_string("baseUrl")) / "items" /
                                    sluice::required_string(input, "id");
        sluice::http_request request("GET", address);
        request.bearer(ctx.connection_string("token"));

        const sluice::http_response response = co_await ctx.http(std::move(request));
        sluice::require_ok(response, "@TITLE@");
        co_return response.json();
    }
};

SLUICE_CONNECTOR(@IDENT@, "@NAME@", sluice::action("getItem", &@IDENT@::get_item))
