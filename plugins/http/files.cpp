#include "client.hpp"
#include "http.hpp"
#include "multipart.hpp"
#include "reply.hpp"

namespace sluice::http {

task<json> connector::download_file(context& call, const json& input) {
    const client api(call);
    draft asked = api.prepare(input, "GET");
    task<http_response> sent = api.send(asked, true);
    const http_response response = co_await sent;
    if (!response.ok()) {
        task<std::string> read = beginning_of(response);
        const std::string head = co_await read;
        throw api.refusal(response, head);
    }
    const std::string name = file_name_of(response);
    co_return json{{"file", response.body_blob.reference()},
                   {"name", name.empty() ? json() : json(name)},
                   {"status", response.status},
                   {"headers", headers_of(response)}};
}

task<json> connector::upload_file(context& call, const json& input) {
    const client api(call);
    const expected_statuses expected(input);
    const body_form form = form_of(input);
    if (form == body_form::file) {
        throw failure(SLUICE_INVALID_INPUT, "'response' of an upload is auto, json or text");
    }
    const std::string how = input.get_or("as", "raw");
    const blob file = call.find_blob(required_object(input, "file"));
    const bool in_parts = how == "multipart";
    if (!in_parts && how != "raw") {
        throw failure(SLUICE_INVALID_INPUT, "'as' must be raw or multipart");
    }
    draft asked = api.prepare(input, in_parts ? "POST" : "PUT");
    asked.headers.erase("Content-Type");
    std::string type = input.get_or("contentType", "");
    if (type.empty()) type = file.content_type();
    if (type.empty()) type = "application/octet-stream";
    if (in_parts) {
        task<multipart> put_together = multipart_of(call, input, file, type);
        const multipart whole = co_await put_together;
        asked.body_file = whole.body;
        asked.content_type = whole.content_type;
    } else {
        asked.body_file = file;
        asked.content_type = type;
    }
    task<http_response> sent = api.send(asked);
    http_response response = co_await sent;
    if (!expected.has(response.status)) throw api.refusal(response);
    task<json> output = output_of(call, std::move(response), form);
    co_return co_await output;
}

}  // namespace sluice::http
