// What the server's connections share. Internal to this module; loop's thread only.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "net/http_server.hpp"
#include "net/ip_address.hpp"
#include "net/transport.hpp"

namespace sluice::net {

class server_connection;

struct server_core : std::enable_shared_from_this<server_core> {
    using connection_list = std::list<std::shared_ptr<server_connection>>;

    server_core(io_loop& event_loop, http_server_options wanted, http_handler request_handler);

    base::result<std::uint16_t> listen();
    void drain(std::int64_t deadline_ms, std::function<void(std::size_t)> done);
    void close_everything();

    // For connections.
    void forget(server_connection& gone);
    std::string_view date();

    io_loop& loop;
    http_server_options options;
    http_handler handler;
    http_server_stats stats;
    bool draining = false;

  private:
    void accept_next();
    void accept_waiting();  // what the backlog holds, without blocking
    void welcome(tcp_socket socket);
    void refuse(tcp_socket socket, std::string_view answer);
    void tick();
    void schedule_tick();
    void finish_drain_when_empty();
    static ip_address source_key(const ip_address& address);

    std::unique_ptr<boost::asio::ssl::context> tls_;
    boost::asio::ip::tcp::acceptor acceptor_;
    connection_list connections_;
    std::map<ip_address, std::size_t> per_source_;
    bool ticking_ = false;
    bool shut_ = false;  // the server is gone or its drain's deadline is over

    base::system_clock clock_;
    std::string date_;
    std::int64_t date_made_ms_ = 0;

    std::function<void(std::size_t)> drained_;
    std::size_t unanswered_ = 0;
};

}  // namespace sluice::net
