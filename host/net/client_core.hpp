// The client behind its public face: operations under way and connections at rest. Internal to
// this module; loop's thread only unless noted.
#pragma once

#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/client_connection.hpp"
#include "net/client_request_text.hpp"
#include "net/http_client.hpp"
#include "net/place_queue.hpp"
#include "net/url.hpp"

namespace sluice::net {

struct client_core : std::enable_shared_from_this<client_core> {
  public:
    client_core(io_loop& loop, const egress_guard& guard, http_client_options options)
        : loop_(loop),
          guard_(guard),
          options_(std::move(options)),
          places_(options_.connections_per_host) {}

    http_client::operation send(client_request request,
                                http_client::done_function done);  // any thread
    void cancel(http_client::operation which);                     // any thread
    void shut();
    http_client_stats stats() const;

  private:
    using connection_pointer = std::shared_ptr<client_connection>;

    struct operation {
        http_client::operation id = 0;
        client_request request;
        http_client::done_function done;
        url target;
        base::event_loop::timer_id deadline = 0;
        connection_pointer connection;
        bool reused = false;    // the connection was at rest before
        bool may_retry = true;  // no second attempt was made for this target
        unsigned redirects = 0;
        std::string place;  // the origin that it holds one of; empty: none
    };
    using operation_pointer = std::shared_ptr<operation>;

    void start(const operation_pointer& op);
    void attempt(const operation_pointer& op, bool allow_reuse);
    void start_clock(const operation_pointer& op);
    // False: it waits for a place, and attempt() runs again then.
    bool take_place(const operation_pointer& op);
    void give_place_back(operation& op);
    void connect(const operation_pointer& op, std::vector<ip_address> addresses);
    void exchange(const operation_pointer& op);
    client_connection::exchange_plan plan_of(const operation_pointer& op) const;
    void exchanged(const operation_pointer& op, client_connection::outcome outcome);
    // Whether the response was a redirect that is being followed (or failed to be).
    bool follow(const operation_pointer& op, const client_response& response);
    void finish(const operation_pointer& op, base::result<client_response> answer);
    void abandon(http_client::operation which, base::error reason);
    bool is_running(const operation& op) const { return running_.contains(op.id); }

    base::result<std::unique_ptr<transport>> make_stream(const url& target);

    connection_pointer take_resting(const std::string& origin);
    void put_to_rest(const std::string& origin, const connection_pointer& connection);
    void drop_resting(const std::string& origin, const client_connection* connection);
    void sweep();
    void schedule_sweep();

    io_loop& loop_;
    const egress_guard& guard_;
    const http_client_options options_;
    std::unique_ptr<boost::asio::ssl::context> tls_;  // made for the first https request
    std::unordered_map<http_client::operation, operation_pointer> running_;
    std::unordered_map<std::string, std::vector<connection_pointer>> resting_;  // latest last
    place_queue places_;
    bool sweeping_ = false;
    std::atomic<http_client::operation> last_id_ = 0;
    http_client_stats stats_;
};

}  // namespace sluice::net
