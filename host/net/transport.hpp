// One TCP or TLS connection as a byte stream: what the server's and the client's connections have
// in common. Internal to this module; loop's thread only.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/ip_address.hpp"

namespace sluice::net {

// Receives the outcome of each operation, never inline. Operations keep their user alive.
class transport_user {
  public:
    virtual ~transport_user() = default;
    virtual void on_open(boost::system::error_code) {}  // connected, or TLS agreed
    // 0 bytes only with an error; the peer's orderly end is boost::asio::error::eof.
    virtual void on_read(boost::system::error_code problem, std::size_t bytes) = 0;
    // Part of what was given may have been written: the user asks again for the rest.
    virtual void on_written(boost::system::error_code problem, std::size_t bytes) = 0;
};

class transport {
  public:
    using user_pointer = std::shared_ptr<transport_user>;

    virtual ~transport() = default;

    // At most one open, one read and one write at a time.
    virtual void connect(const ip_address& address, std::uint16_t port, user_pointer user) = 0;
    // TLS: agrees on keys (a client verifies the peer). Plain: nothing to do, on_open follows.
    virtual void handshake(user_pointer user) = 0;
    virtual void read(char* data, std::size_t size, user_pointer user) = 0;
    // `head` and then `body`; both must stay until on_written.
    virtual void write(std::string_view head, std::string_view body, user_pointer user) = 0;

    // Tells the peer that nothing more will come. Reading goes on.
    virtual void end_writing(user_pointer user) = 0;
    // Operations under way end with an error.
    virtual void close() = 0;

    // Bytes that arrived and are not read yet, as far as that is known.
    virtual std::size_t readable() = 0;
    // False when the peer is known to have closed.
    virtual bool looks_open() = 0;
    // Why the peer's certificate was refused; "" when that was not the problem.
    virtual std::string verification_problem() = 0;
};

using tcp_socket = boost::asio::ip::tcp::socket;

// The accepted or fresh socket, plain or (with a context) TLS. The context must outlive it.
std::unique_ptr<transport> make_plain_transport(tcp_socket socket);
std::unique_ptr<transport> make_tls_server_transport(tcp_socket socket,
                                                     boost::asio::ssl::context& context);
// Verifies that the certificate is for `host`, a name or an address.
std::unique_ptr<transport> make_tls_client_transport(tcp_socket socket,
                                                     boost::asio::ssl::context& context,
                                                     const std::string& host);

ip_address to_ip_address(const boost::asio::ip::address& address);

// TLS 1.2 and later, certificate and key from PEM files.
base::result<std::unique_ptr<boost::asio::ssl::context>> make_tls_server_context(
    const std::string& certificate_file, const std::string& key_file);
// TLS 1.2 and later; trusts the system's authorities, or only those of `ca_file`.
base::result<std::unique_ptr<boost::asio::ssl::context>> make_tls_client_context(
    const std::string& ca_file);

}  // namespace sluice::net
