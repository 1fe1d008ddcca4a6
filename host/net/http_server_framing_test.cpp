// Requests that two implementations might read differently are refused, and the connection ends,
// so that nothing after them is taken for a request.
#include <gtest/gtest.h>

#include "net/http_server.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

struct refused_case {
    const char* name;
    std::string request;
    int status;
};

void PrintTo(const refused_case& refused, std::ostream* out) { *out << refused.name; }

class framing : public testing::TestWithParam<refused_case> {};

TEST_P(framing, is_refused_and_the_connection_ends) {
    int handled = 0;
    test_server server([&](http_request, responder respond) {
        ++handled;
        respond({});
    });
    auto client = raw_socket::connect(server.port());
    client.send(GetParam().request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply) << GetParam().name;
    EXPECT_EQ(reply->status, GetParam().status) << reply->body;
    EXPECT_EQ(reply->headers.get("Connection"), "close");
    EXPECT_EQ(reply->headers.get("Content-Type"), "application/problem+json");
    client.finish_sending();
    EXPECT_TRUE(client.ends_silently());
    const auto stats = server.stats();
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(stats.requests, 0u);
    EXPECT_EQ(stats.refused_malformed, 1u);
}

std::string with(const std::string& fields, const std::string& body = "") {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

INSTANTIATE_TEST_SUITE_P(
    requests, framing,
    testing::Values(
        refused_case{"te_and_cl",
                     with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
        refused_case{"cl_and_te",
                     with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        refused_case{"unknown_te_and_cl",
                     with("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n", "0\r\n\r\n"), 400},
        refused_case{"two_equal_lengths", with("Content-Length: 1\r\nContent-Length: 1\r\n", "x"),
                     400},
        refused_case{"two_lengths", with("Content-Length: 1\r\nContent-Length: 2\r\n", "x"), 400},
        refused_case{"length_list", with("Content-Length: 1, 1\r\n", "x"), 400},
        refused_case{"signed_length", with("Content-Length: +1\r\n", "x"), 400},
        refused_case{"negative_length", with("Content-Length: -1\r\n", "x"), 400},
        refused_case{"hex_length", with("Content-Length: 0x1\r\n", "x"), 400},
        refused_case{"empty_length", with("Content-Length:\r\n", "x"), 400},
        refused_case{"huge_length", with("Content-Length: 99999999999999999999\r\n", "x"), 400},
        refused_case{
            "two_codings",
            with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        refused_case{
            "identity_and_chunked",
            with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            400},
        refused_case{"gzip_chunked", with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                     501},
        refused_case{"identity", with("Transfer-Encoding: identity\r\n"), 501},
        refused_case{"odd_chunked", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
        refused_case{"quoted_chunked", with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
                     501},
        refused_case{"chunked_in_1_0",
                     "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     400},
        refused_case{"folded_field", with("X-A: b\r\n c\r\n"), 400},
        refused_case{"folded_by_tab", with("X-A: b\r\n\tc\r\n"), 400},
        refused_case{"folded_first_field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        refused_case{"space_before_colon", with("Content-Length : 5\r\n", "hello"), 400},
        refused_case{"space_in_name", with("X A: b\r\n"), 400},
        refused_case{"empty_name", with(": b\r\n"), 400},
        refused_case{"no_colon", with("X-A\r\n"), 400},
        refused_case{"bare_lf_field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
        refused_case{"bare_cr_value", with("X-A: b\rc\r\n"), 400},
        refused_case{"nul_in_value", with(std::string("X-A: b\0c\r\n", 10)), 400},
        refused_case{"no_host", "GET / HTTP/1.1\r\n\r\n", 400},
        refused_case{"two_hosts", with("Host: b\r\n"), 400},
        refused_case{"bad_chunk_size",
                     with("Transfer-Encoding: chunked\r\n", "x\r\nabc\r\n0\r\n\r\n"), 400},
        refused_case{"negative_chunk",
                     with("Transfer-Encoding: chunked\r\n", "-1\r\nabc\r\n0\r\n\r\n"), 400},
        refused_case{"chunk_without_end",
                     with("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n0\r\n\r\n"), 400},
        refused_case{"long_chunk_extension",
                     with("Transfer-Encoding: chunked\r\n", "1;" + std::string(70'000, 'x')), 400},
        refused_case{"method_not_known", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        refused_case{"connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        refused_case{"trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        refused_case{"lower_case_method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        refused_case{"relative_target", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refused_case{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        refused_case{"http_1_2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        refused_case{"http_0_9", "GET /\r\n\r\n", 400},
        refused_case{"two_spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refused_case{"not_http", "\x16\x03\x01 hello\r\n\r\n", 400},
        refused_case{"tls_hello", std::string("\x16\x03\x01\0", 4), 400},
        refused_case{"other_expectation", with("Expect: 200-ok\r\n"), 417}),
    [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace sluice::net
