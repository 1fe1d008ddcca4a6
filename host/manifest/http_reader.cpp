// The calls that the host makes itself: http, openapi.
#include <utility>

#include "manifest/task_reader.hpp"

namespace sluice::manifest {
namespace {

http_output read_output(const cursor& at) {
    const auto name = at.one_of("kind of output", {"content", "raw", "response"});
    if (name == "raw") return http_output::raw;
    return name == "response" ? http_output::response : http_output::content;
}

// Its text: `endpoint: text` and `endpoint: { uri, authentication }`.
cursor uri_of(const cursor& endpoint) {
    if (!endpoint.content().is_object()) return endpoint;
    endpoint.refuse_unknown("an endpoint", {"uri", "authentication"});
    if (!endpoint.member("uri").exists()) {
        endpoint.problem("an endpoint needs its `uri`", "write uri: https://...");
    }
    return endpoint.member("uri");
}

void check_address(const cursor& at, const template_value& uri) {
    if (!uri.is_literal() || !at.content().is_string()) return;
    const std::string& text = at.content().as_string();
    if (text.starts_with("http://") || text.starts_with("https://")) return;
    if (text.starts_with("{")) return;
    at.problem("\"" + text + "\" is not an address", "begin with https:// or http://");
}

void need(const cursor& with, std::string_view name, std::string_view example) {
    if (with.member(name).exists() || with.member(name).is_mistyped()) return;
    with.problem("the call needs `" + std::string(name) + "`", std::string(example));
}

// A list of names and values, or an expression that gives one.
template_value read_named(const cursor& at, std::string_view what,
                          const expression_context& context) {
    if (!at.exists()) return template_value::literal(json::value::object());
    template_value made = read_template(at, context, true);
    if (!at.content().is_object() && made.is_literal()) {
        at.problem(std::string(what) + " must be an object, not " +
                   std::string(kind_name(at.content())));
    }
    return made;
}

}  // namespace

// The specification's $authorization: what a call proves itself with, names in the place of
// secrets.
expression_context task_reader::with_proof(const expression_context& context) {
    return context.with({"authorization"});
}

http_task task_reader::read_http(const cursor& with, const expression_context& context) {
    http_task made;
    if (!with.is_object("with")) return made;
    with.refuse_unknown("call: http",
                        {"method", "endpoint", "headers", "query", "body", "output", "redirect"});
    need(with, "method", "for example method: get");
    need(with, "endpoint", "for example endpoint: https://api.example.com/items");
    const cursor method = with.member("method");
    if (method.exists()) {
        made.method = read_template(method, context);
        if (made.method.is_literal() && !method.content().is_null()) method.text("method");
    }
    const cursor endpoint = with.member("endpoint");
    const cursor uri = endpoint.exists() ? uri_of(endpoint) : endpoint;
    if (uri.exists()) {
        made.endpoint = read_template(uri, context, true);
        if (made.endpoint.is_literal() && !uri.content().is_null()) uri.text("endpoint");
        if (!shared_.plain) check_address(uri, made.endpoint);
    }
    const expression_context proven = with_proof(context);
    made.proof = read_authentication(endpoint.member("authentication"), shared_.use, context);
    made.headers = read_named(with.member("headers"), "headers", proven);
    made.query = read_named(with.member("query"), "query", proven);
    const cursor body = with.member("body");
    made.has_body = body.exists();
    if (made.has_body) made.body = read_template(body, proven, true);
    made.output = read_output(with.member("output"));
    made.redirect = with.member("redirect").flag("redirect").value_or(false);
    return made;
}

openapi_task task_reader::read_openapi(const cursor& with, const expression_context& context) {
    openapi_task made;
    if (!with.is_object("with")) return made;
    with.refuse_unknown("call: openapi", {"document", "operationId", "parameters", "authentication",
                                          "output", "redirect"});
    need(with, "document", "write document: { endpoint: https://... }");
    need(with, "operationId", "the operation's name in the document");
    const cursor document = with.member("document");
    if (document.exists() && document.is_object("document")) {
        document.refuse_unknown("document", {"endpoint", "name"});
        const cursor endpoint = document.member("endpoint");
        if (!endpoint.exists()) document.problem("a document needs its `endpoint`");
        made.document_proof =
            read_authentication(endpoint.member("authentication"), shared_.use, context);
        const cursor uri = uri_of(endpoint);
        if (uri.exists()) made.document = read_template(uri, context);
    }
    const cursor operation = with.member("operationId");
    if (operation.exists()) made.operation = read_template(operation, context);
    made.proof = read_authentication(with.member("authentication"), shared_.use, context);
    made.parameters = read_named(with.member("parameters"), "parameters", with_proof(context));
    made.output = read_output(with.member("output"));
    made.redirect = with.member("redirect").flag("redirect").value_or(false);
    return made;
}

}  // namespace sluice::manifest
