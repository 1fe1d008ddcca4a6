#include "net/http_client.hpp"

#include <utility>

#include "net/client_core.hpp"

namespace sluice::net {

http_client::http_client(io_loop& loop, const egress_guard& guard, http_client_options options)
    : core_(std::make_shared<client_core>(loop, guard, std::move(options))) {}

http_client::~http_client() { core_->shut(); }

http_client::operation http_client::send(client_request request, done_function done) {
    return core_->send(std::move(request), std::move(done));
}

void http_client::cancel(operation which) { core_->cancel(which); }

http_client_stats http_client::stats() const { return core_->stats(); }

}  // namespace sluice::net
