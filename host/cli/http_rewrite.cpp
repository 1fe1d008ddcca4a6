#include "cli/http_rewrite.hpp"

#include "net/url.hpp"

namespace sluice::cli {

base::result<rewrite_rule> rewrite_rule::parse(const std::string& text) {
    // A URL may hold "=" in its query, a target rarely does: the last one before "http" counts.
    const std::size_t split = text.rfind("=http");
    rewrite_rule rule;
    if (split != std::string::npos && split > 0) {
        rule.prefix = text.substr(0, split);
        rule.target = text.substr(split + 1);
    }
    if (rule.prefix.empty() || !net::parse_url(rule.target)) {
        return base::make_error(base::error_code::invalid_input,
                                "\"" + text + "\" is no rewrite rule",
                                "write --rewrite https://petstore.example=http://127.0.0.1:8080");
    }
    return rule;
}

std::string rewrite_rule::target_peer() const {
    const base::result<net::url> parsed = net::parse_url(target);
    if (!parsed) return {};
    const std::string host =
        parsed->host.find(':') == std::string::npos ? parsed->host : '[' + parsed->host + ']';
    return host + ':' + std::to_string(parsed->port);
}

std::uint64_t http_rewrite::send(net::client_request request, done finished) {
    const rewrite_rule* best = nullptr;
    for (const rewrite_rule& rule : rules_) {
        if (!request.url.starts_with(rule.prefix)) continue;
        if (best == nullptr || best->prefix.size() < rule.prefix.size()) best = &rule;
    }
    if (best != nullptr) request.url = best->target + request.url.substr(best->prefix.size());
    return real_.send(std::move(request), std::move(finished));
}

}  // namespace sluice::cli
