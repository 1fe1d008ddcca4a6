#include "net/transport.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <utility>

namespace sluice::net {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

tcp::endpoint to_endpoint(const ip_address& address, std::uint16_t port) {
    if (address.is_v6()) {
        asio::ip::address_v6::bytes_type bytes;
        std::copy_n(address.bytes().begin(), bytes.size(), bytes.begin());
        return {asio::ip::address_v6(bytes), port};
    }
    asio::ip::address_v4::bytes_type bytes;
    std::copy_n(address.bytes().begin(), bytes.size(), bytes.begin());
    return {asio::ip::address_v4(bytes), port};
}

// What both kinds do with the socket itself.
class socket_transport : public transport {
  public:
    void connect(const ip_address& address, std::uint16_t port, user_pointer user) override {
        const auto peer = to_endpoint(address, port);
        error_code problem;
        socket().close(problem);
        socket().open(peer.protocol(), problem);
        if (!problem) socket().set_option(tcp::no_delay(true), problem);
        if (problem) return report_open(problem, std::move(user));
        socket().async_connect(
            peer, [user = std::move(user)](error_code failed) { user->on_open(failed); });
    }

    void close() override {
        error_code ignored;
        socket().close(ignored);
    }

    std::size_t readable() override {
        error_code ignored;
        return socket().available(ignored);
    }

    bool looks_open() override {
        char byte = 0;
        error_code problem;
        socket().non_blocking(true, problem);
        socket().receive(asio::buffer(&byte, 1), tcp::socket::message_peek, problem);
        return problem == asio::error::would_block;
    }

    std::string verification_problem() override { return ""; }

  protected:
    virtual tcp::socket& socket() = 0;

    void report_open(error_code problem, user_pointer user) {
        asio::post(socket().get_executor(),
                   [user = std::move(user), problem] { user->on_open(problem); });
    }
};

template <class Stream>
void read_from(Stream& stream, char* data, std::size_t size, transport::user_pointer user) {
    stream.async_read_some(asio::buffer(data, size),
                           [user = std::move(user)](error_code problem, std::size_t bytes) {
                               user->on_read(problem, bytes);
                           });
}

template <class Stream>
void write_to(Stream& stream, std::string_view head, std::string_view body,
              transport::user_pointer user) {
    auto written = [user = std::move(user)](error_code problem, std::size_t bytes) {
        user->on_written(problem, bytes);
    };
    if (body.empty()) {
        stream.async_write_some(asio::buffer(head), std::move(written));
    } else {
        const std::array buffers{asio::buffer(head), asio::buffer(body)};
        stream.async_write_some(buffers, std::move(written));
    }
}

class plain_transport final : public socket_transport {
  public:
    explicit plain_transport(tcp::socket socket) : socket_(std::move(socket)) {}

    void handshake(user_pointer user) override { report_open({}, std::move(user)); }
    void read(char* data, std::size_t size, user_pointer user) override {
        read_from(socket_, data, size, std::move(user));
    }
    void write(std::string_view head, std::string_view body, user_pointer user) override {
        write_to(socket_, head, body, std::move(user));
    }
    void end_writing(user_pointer) override {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }

  private:
    tcp::socket& socket() override { return socket_; }

    tcp::socket socket_;
};

class tls_transport final : public socket_transport {
  public:
    tls_transport(tcp::socket socket, ssl::context& context, ssl::stream_base::handshake_type role)
        : stream_(std::move(socket), context), role_(role) {}

    // Call before the handshake; false when OpenSSL refuses the name.
    bool expect_host(const std::string& host) {
        error_code problem;
        stream_.set_verify_mode(ssl::verify_peer, problem);
        if (!problem) stream_.set_verify_callback(ssl::host_name_verification(host), problem);
        // A server name is a name: addresses are not sent (RFC 6066).
        if (!problem && !ip_address::parse(host)) {
            return SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str()) == 1;
        }
        return !problem;
    }

    void handshake(user_pointer user) override {
        stream_.async_handshake(
            role_, [user = std::move(user)](error_code problem) { user->on_open(problem); });
    }
    void read(char* data, std::size_t size, user_pointer user) override {
        read_from(stream_, data, size, std::move(user));
    }
    void write(std::string_view head, std::string_view body, user_pointer user) override {
        write_to(stream_, head, body, std::move(user));
    }
    // The peer's own close_notify is not waited for here: the user reads until the end.
    void end_writing(user_pointer user) override {
        stream_.async_shutdown([user = std::move(user)](error_code) {});
    }
    std::string verification_problem() override {
        const auto code = SSL_get_verify_result(stream_.native_handle());
        return code == X509_V_OK ? "" : X509_verify_cert_error_string(code);
    }

  private:
    tcp::socket& socket() override { return stream_.next_layer(); }

    ssl::stream<tcp::socket> stream_;
    ssl::stream_base::handshake_type role_;
};

base::error tls_error(const std::string& what, const error_code& problem) {
    return base::make_error(base::error_code::invalid_input, what + ": " + problem.message());
}

}  // namespace

std::unique_ptr<transport> make_plain_transport(tcp_socket socket) {
    return std::make_unique<plain_transport>(std::move(socket));
}

std::unique_ptr<transport> make_tls_server_transport(tcp_socket socket, ssl::context& context) {
    return std::make_unique<tls_transport>(std::move(socket), context, ssl::stream_base::server);
}

std::unique_ptr<transport> make_tls_client_transport(tcp_socket socket, ssl::context& context,
                                                     const std::string& host) {
    auto made =
        std::make_unique<tls_transport>(std::move(socket), context, ssl::stream_base::client);
    if (!made->expect_host(host)) return nullptr;
    return made;
}

ip_address to_ip_address(const asio::ip::address& address) {
    if (address.is_v4()) {
        return ip_address(std::span<const std::uint8_t, 4>(address.to_v4().to_bytes()));
    }
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        const auto v4 = asio::ip::make_address_v4(asio::ip::v4_mapped, v6);
        return ip_address(std::span<const std::uint8_t, 4>(v4.to_bytes()));
    }
    return ip_address(std::span<const std::uint8_t, 16>(v6.to_bytes()));
}

base::result<std::unique_ptr<ssl::context>> make_tls_server_context(
    const std::string& certificate_file, const std::string& key_file) {
    auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    error_code problem;
    context->use_certificate_chain_file(certificate_file, problem);
    if (problem) return tls_error("cannot use the certificate file " + certificate_file, problem);
    context->use_private_key_file(key_file, ssl::context::pem, problem);
    if (problem) return tls_error("cannot use the key file " + key_file, problem);
    return context;
}

base::result<std::unique_ptr<ssl::context>> make_tls_client_context(const std::string& ca_file) {
    auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    error_code problem;
    if (ca_file.empty()) {
        context->set_default_verify_paths(problem);
        if (problem) return tls_error("cannot load the system's certificate authorities", problem);
    } else {
        context->load_verify_file(ca_file, problem);
        if (problem)
            return tls_error("cannot load certificate authorities from " + ca_file, problem);
    }
    return context;
}

}  // namespace sluice::net
