#include "manifest/openapi_server.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

namespace sluice::manifest {
namespace {

base::error refuse(std::string message, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
}

// `text` with each {name} replaced by the caller's value or the description's default.
base::result<std::string> fill_in(std::string_view text, const json::value& variables,
                                  const openapi_options& options) {
    std::string made;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('{'), text.size());
        made += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty()) break;
        const std::size_t close = text.find('}');
        if (close == std::string_view::npos) return refuse("the server's URL has { without }");
        const std::string name(text.substr(1, close - 1));
        text.remove_prefix(close + 1);
        const auto given = options.server_variables.find(name);
        const json::value& preset = variables.get(name).get("default");
        if (given != options.server_variables.end()) {
            made += given->second;
        } else if (preset.is_string()) {
            made += preset.as_string();
        } else {
            return refuse("the server variable \"" + name + "\" has no value and no default");
        }
    }
    return made;
}

// `url` seen from where the description is, if that is known.
base::result<std::string> make_absolute(const std::string& url, const openapi_options& options) {
    const auto parsed = boost::urls::parse_uri_reference(url);
    if (!parsed) return refuse("the server's URL \"" + url + "\" is no URL");
    if (parsed->has_scheme() || options.document_url.empty()) return url;
    const auto from = boost::urls::parse_uri(options.document_url);
    boost::urls::url made;
    if (!from || !boost::urls::resolve(*from, *parsed, made)) {
        return refuse("the description's URL \"" + options.document_url + "\" is no URL");
    }
    return std::string(made.buffer());
}

// The first of the nearest `servers`.
base::result<std::string> server_of_openapi(const json::value& document,
                                            const api_operation& operation,
                                            const openapi_options& options) {
    for (const json::value* const owner : {&operation.content, &operation.path_item, &document}) {
        const json::value& servers = owner->get("servers");
        if (!servers.is_array() || servers.size() == 0) continue;
        const json::value& first = servers.at(0);
        return fill_in(first.string_or("url", "/"), first.get("variables"), options);
    }
    return std::string("/");
}

std::string scheme_of(const json::value& document, const api_operation& operation) {
    for (const json::value* const owner : {&operation.content, &document}) {
        const json::value& schemes = owner->get("schemes");
        if (!schemes.is_array() || schemes.size() == 0) continue;
        for (const json::value& each : schemes.items()) {
            if (each == json::value("https")) return "https";
        }
        if (schemes.at(0).is_string()) return schemes.at(0).as_string();
    }
    return {};
}

std::string server_of_swagger(const json::value& document, const api_operation& operation,
                              const openapi_options& options) {
    std::string path = document.string_or("basePath", "/");
    const std::string host = document.string_or("host", "");
    if (host.empty()) return path;
    std::string scheme = scheme_of(document, operation);
    // Without one it is how the description itself was had.
    if (scheme.empty()) scheme = options.document_url.starts_with("http://") ? "http" : "https";
    return scheme + "://" + host + (path.starts_with('/') ? "" : "/") + path;
}

}  // namespace

base::result<std::string> server_of(const json::value& document, const api_operation& operation,
                                    const openapi_options& options) {
    base::result<std::string> named = is_swagger(document)
                                          ? server_of_swagger(document, operation, options)
                                          : server_of_openapi(document, operation, options);
    if (!named) return named;
    base::result<std::string> url = make_absolute(*named, options);
    while (url && url->ends_with('/'))
        url->pop_back();
    return url;
}

}  // namespace sluice::manifest
