#include "body.hpp"
#include "client.hpp"
#include "http.hpp"
#include "reply.hpp"

namespace sluice::http {

task<json> connector::request(context& call, const json& input) {
    const client api(call);
    const expected_statuses expected(input);
    const body_form form = form_of(input);
    draft asked = api.prepare(input, "GET");
    set_body(asked, call, input);
    task<http_response> sent = api.send(asked, form == body_form::file);
    http_response response = co_await sent;
    if (!expected.has(response.status)) {
        task<std::string> read = beginning_of(response);
        const std::string head = co_await read;
        throw api.refusal(response, head);
    }
    task<json> output = output_of(call, std::move(response), form);
    co_return co_await output;
}

// What the operator's "does it work" asks: the connection's "testPath", or the base address itself.
task<json> connector::test_connection(context& call, const json&) {
    const client api(call);
    json input = json::object();
    const json& path = call.connection()["testPath"];
    if (!path.is_null()) input.set("path", path);
    draft asked = api.prepare(input, "GET");
    task<http_response> sent = api.send(asked);
    const http_response response = co_await sent;
    if (!response.ok()) throw api.refusal(response);
    co_return json{{"ok", true}, {"status", response.status}};
}

}  // namespace sluice::http
