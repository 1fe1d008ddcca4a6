// Connections whose OAuth the host runs: what it was given, and what the provider says to that.
#include <sluice/connector.hpp>
#include <sluice/http_status.hpp>

namespace {

class account {
  public:
    explicit account(sluice::host&) {}

    sluice::task<sluice::json> whoami(sluice::context& call, const sluice::json&) {
        const std::string path =
            call.connection().get_or("type", "") == "machine" ? "/machine" : "/me";
        sluice::http_request request("GET", call.connection_string("baseUrl") + path);
        request.bearer(call.connection_string("accessToken"));
        const sluice::http_response answer = co_await call.http(std::move(request));
        if (!answer.ok()) {
            throw sluice::failure(sluice::code_for_status(answer),
                                  "the provider answered " + std::to_string(answer.status))
                .http_status(answer.status);
        }
        sluice::json out = answer.json();
        sluice::json given = sluice::json::array();
        for (const auto& [name, ignored] : call.connection().members())
            given.push(name);
        out.set("given", std::move(given));
        // A careless connector: the host must not let it come to rest.
        out.set("token", call.connection_string("accessToken"));
        co_return out;
    }
};

}  // namespace

SLUICE_CONNECTOR(account, "account", sluice::action("whoami", &account::whoami))
