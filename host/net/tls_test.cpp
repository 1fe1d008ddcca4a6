// Server and client over TLS: who is trusted, who is not, and what they are told.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/certificates_testing.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

void echo(http_request request, responder respond) {
    respond(text_response(200, request.method + " " + request.body));
}

http_server_options with_tls(const test_authority::files& files) {
    http_server_options options;
    options.tls_certificate_file = files.certificate;
    options.tls_key_file = files.key;
    return options;
}

http_client_options trusting(const test_authority& authority) {
    http_client_options options;
    options.ca_file = authority.ca_file();
    return options;
}

std::string at(const std::string& host, std::uint16_t port) {
    return "https://" + host + ":" + std::to_string(port) + "/?token=hush-hush";
}

TEST(tls, carries_requests_between_client_and_server) {
    test_authority authority;
    test_server server(echo, with_tls(authority.issue("DNS:app.test,IP:127.0.0.1")));
    test_client client({"127.0.0.0/8"}, trusting(authority));
    client.names().add("app.test", {"127.0.0.1"});
    for (const auto* host : {"app.test", "127.0.0.1"}) {
        for (int i = 0; i < 2; ++i) {
            client_request request;
            request.method = "POST";
            request.url = at(host, server.port());
            request.body = std::string(300'000, 'b');
            const auto answer = client.send(std::move(request));
            ASSERT_TRUE(answer) << answer.error_value().to_text();
            EXPECT_EQ(answer->status, 200);
            EXPECT_TRUE(answer->body == "POST " + std::string(300'000, 'b'));
        }
    }
    EXPECT_EQ(client.stats().connections_opened, 2u);
    EXPECT_EQ(client.stats().connections_reused, 2u);
}

void expect_distrust(test_client& client, const std::string& url, const std::string& reason) {
    const auto answer = client.get(url);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::unavailable);
    EXPECT_NE(answer.error_value().message.find(reason), std::string::npos)
        << answer.error_value().message;
    EXPECT_EQ(answer.error_value().message.find("hush"), std::string::npos);
}

TEST(tls, a_certificate_for_another_host_is_refused) {
    test_authority authority;
    test_server server(echo, with_tls(authority.issue("DNS:other.test,IP:127.0.0.2")));
    test_client client({"127.0.0.0/8"}, trusting(authority));
    client.names().add("app.test", {"127.0.0.1"});
    expect_distrust(client, at("app.test", server.port()), "certificate");
    expect_distrust(client, at("127.0.0.1", server.port()), "certificate");
    EXPECT_EQ(server.stats().requests, 0u);
}

TEST(tls, an_expired_certificate_is_refused) {
    test_authority authority;
    test_server server(echo, with_tls(authority.issue("IP:127.0.0.1", -1)));
    test_client client({"127.0.0.0/8"}, trusting(authority));
    expect_distrust(client, at("127.0.0.1", server.port()), "expired");
}

TEST(tls, an_unknown_authority_is_refused) {
    test_authority authority;
    const test_authority other;
    test_server server(echo, with_tls(authority.issue("IP:127.0.0.1")));
    test_client with_other({"127.0.0.0/8"}, trusting(other));
    expect_distrust(with_other, at("127.0.0.1", server.port()), "certificate");
    test_client with_system({"127.0.0.0/8"});
    expect_distrust(with_system, at("127.0.0.1", server.port()), "certificate");
}

TEST(tls, a_plain_peer_is_not_spoken_to) {
    test_authority authority;
    test_server plain(echo);
    test_client client({"127.0.0.0/8"}, trusting(authority));
    expect_distrust(client, at("127.0.0.1", plain.port()), "TLS");
    EXPECT_EQ(plain.stats().requests, 0u);
}

TEST(tls, a_redirect_out_of_tls_is_refused) {
    test_authority authority;
    test_server plain(echo);
    const auto location = "http://127.0.0.1:" + std::to_string(plain.port()) + "/";
    test_server server(
        [&](http_request, responder respond) {
            respond({302, {{"Location", location}}, ""});
        },
        with_tls(authority.issue("IP:127.0.0.1")));
    test_client client({"127.0.0.0/8"}, trusting(authority));
    client_request request;
    request.url = at("127.0.0.1", server.port());
    request.follow_redirects = true;
    const auto answer = client.send(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::unsupported);
    EXPECT_EQ(plain.stats().requests, 0u);
}

TEST(tls, an_unreadable_authority_file_is_named) {
    test_authority authority;
    test_server server(echo, with_tls(authority.issue("IP:127.0.0.1")));
    http_client_options options;
    options.ca_file = "/nonexistent/ca.pem";
    test_client client({"127.0.0.0/8"}, options);
    const auto answer = client.get(at("127.0.0.1", server.port()));
    ASSERT_FALSE(answer);
    EXPECT_NE(answer.error_value().message.find("/nonexistent/ca.pem"), std::string::npos);
}

TEST(tls, server_files_that_cannot_be_used_are_named) {
    test_authority authority;
    const auto good = authority.issue("IP:127.0.0.1");
    const auto other = authority.issue("IP:127.0.0.1");
    const auto junk = authority.write("junk.pem", "junk");
    loop_thread thread;
    const auto attempt = [&](const test_authority::files& files) {
        http_server server(thread.loop(), with_tls(files), echo);
        const auto port = thread.call([&] { return server.start(); });
        EXPECT_FALSE(port);
        return port ? "" : port.error_value().message;
    };
    EXPECT_NE(attempt({junk, good.key}).find(junk), std::string::npos);
    EXPECT_NE(attempt({good.certificate, "/nonexistent/key"}).find("/nonexistent/key"),
              std::string::npos);
    EXPECT_NE(attempt({good.certificate, other.key}).find(other.key), std::string::npos);
    thread.stop();
}

TEST(tls, clients_that_do_not_speak_tls_or_never_finish_are_dropped) {
    test_authority authority;
    auto options = with_tls(authority.issue("IP:127.0.0.1"));
    options.limits.header_ms = 100;
    test_server server(echo, options);
    auto plain = raw_socket::connect(server.port());
    plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto answer = plain.read_to_end();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->find("HTTP"), std::string::npos);
    auto silent = raw_socket::connect(server.port());
    EXPECT_TRUE(silent.ends_silently());
    EXPECT_EQ(server.stats().requests, 0u);
}

// The version a client offering at most `most` agrees on with the server; 0 when refused. The
// security level is lowered so that only the server's own minimum can refuse.
int agreed_version(std::uint16_t port, int most) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), most);
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> connection(
        BIO_new_ssl_connect(context.get()), &BIO_free_all);
    BIO_set_conn_hostname(connection.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
    if (BIO_do_connect(connection.get()) != 1) return 0;
    SSL* ssl = nullptr;
    BIO_get_ssl(connection.get(), &ssl);
    return SSL_version(ssl);
}

TEST(tls, versions_before_1_2_are_refused) {
    test_authority authority;
    test_server server(echo, with_tls(authority.issue("IP:127.0.0.1")));
    EXPECT_EQ(agreed_version(server.port(), TLS1_3_VERSION), TLS1_3_VERSION);
    EXPECT_EQ(agreed_version(server.port(), TLS1_2_VERSION), TLS1_2_VERSION);
    EXPECT_EQ(agreed_version(server.port(), TLS1_1_VERSION), 0);
    EXPECT_EQ(agreed_version(server.port(), TLS1_VERSION), 0);
}

}  // namespace
}  // namespace sluice::net
