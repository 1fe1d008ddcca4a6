#include <utility>

#include "client.hpp"

namespace sluice::http {
namespace {

constexpr int most_redirects = 5;

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool becomes_get(unsigned status, std::string_view method) {
    if (status == 303) return method != "HEAD";
    return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

// Not left to the host, which looks at origins only: credentials go below the base's path.
task<http_response> client::send(draft& asked, bool to_file) const {
    for (int followed = 0;; ++followed) {
        http_request made = asked.made();
        if (to_file) made.body_to_blob();
        http_response response = co_await call_.http(std::move(made));
        const std::string location(response.header("Location"));
        const bool redirected = asked.follow_redirects && is_redirect(response.status);
        if (!redirected || location.empty()) co_return response;
        if (followed == most_redirects) {
            throw failure(SLUICE_UNAVAILABLE, "the server redirects more than 5 times");
        }
        redirect(asked, response.status, location);
    }
}

void client::redirect(draft& asked, unsigned status, std::string_view location) const {
    const std::optional<address> target = base_.resolved(location, asked.url);
    if (!target) throw failure(SLUICE_UNAVAILABLE, "the server redirects to what is no address");
    if (becomes_get(status, asked.method)) {
        asked.method = "GET";
        asked.body.clear();
        asked.body_file = blob();
        asked.content_type.clear();
    }
    asked.url = without_credentials(target->text());
    if (asked.is_below_base && base_.is_above(*target)) {
        if (has_key_in_query()) asked.url = with_key(std::move(asked.url));
        return;
    }
    if (!changes_nothing(asked.method) || !asked.content_type.empty()) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the server redirects to " + target->origin() + target->path +
                          ", which is not below the connection's address: a " + asked.method +
                          " is not sent there");
    }
    asked.headers.keep_harmless();
    asked.is_below_base = false;
}

}  // namespace sluice::http
