// Redirects: only when asked, never far, and never with someone else's credentials.
#include <gtest/gtest.h>

#include "net/http_client.hpp"
#include "net/loop_thread_testing.hpp"

namespace sluice::net {
namespace {

// "/to?STATUS=LOCATION" redirects there; everything else tells what arrived.
void redirector(http_request request, responder respond) {
    if (request.path == "/to") {
        const auto equals = request.query.find('=');
        respond({std::stoi(request.query), {{"Location", request.query.substr(equals + 1)}}, ""});
        return;
    }
    std::string seen = request.method + " " + request.target + " " + request.body + "|";
    for (const auto* name : {"Authorization", "Cookie", "X-Api-Key", "Accept", "Content-Type"}) {
        if (request.headers.has(name)) seen += std::string(name) + ";";
    }
    respond(text_response(200, seen));
}

class redirects : public testing::Test {
  protected:
    redirects() {
        client_.names().add("a.test", {"127.0.0.1"});
        client_.names().add("b.test", {"127.0.0.1"});
        client_.names().add("inside.test", {"127.0.0.2"});
    }

    std::string at(const std::string& host, const std::string& target) const {
        return "http://" + host + ":" + std::to_string(server_.port()) + target;
    }
    base::result<client_response> send(const std::string& target, const std::string& method = "GET",
                                       bool follow = true) {
        client_request request;
        request.method = method;
        request.url = at("a.test", target);
        request.headers = {{"Authorization", "secret"},
                           {"Cookie", "secret"},
                           {"X-Api-Key", "secret"},
                           {"Accept", "text/plain"},
                           {"Content-Type", "text/csv"}};
        if (method != "GET") request.body = "body";
        request.follow_redirects = follow;
        return client_.send(std::move(request));
    }

    test_server server_{redirector};
    test_client client_{{"127.0.0.1"}};
};

TEST_F(redirects, are_answers_unless_asked_to_follow) {
    const auto answer = send("/to?302=/x", "GET", false);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(answer->headers.get("Location"), "/x");
}

TEST_F(redirects, stay_whole_on_the_same_host) {
    const auto answer = send("/to?307=/x", "POST");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "POST /x body|Authorization;Cookie;X-Api-Key;Accept;Content-Type;");
    EXPECT_EQ(answer->url, at("a.test", "/x"));
}

TEST_F(redirects, become_get_where_the_status_says_so) {
    const std::string as_get = "GET /x |Authorization;Cookie;X-Api-Key;Accept;";
    EXPECT_EQ(send("/to?303=/x", "PUT")->body, as_get);
    EXPECT_EQ(send("/to?302=/x", "POST")->body, as_get);
    EXPECT_EQ(send("/to?301=/x", "POST")->body, as_get);
    EXPECT_TRUE(send("/to?302=/x", "PUT")->body.starts_with("PUT /x body|"));
    EXPECT_TRUE(send("/to?308=/x", "POST")->body.starts_with("POST /x body|"));
}

TEST_F(redirects, leave_credentials_behind_when_the_host_changes) {
    const auto answer = send("/to?307=" + at("b.test", "/x"), "POST");
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->body, "POST /x body|Accept;Content-Type;");
}

TEST_F(redirects, leave_credentials_behind_when_the_port_changes) {
    test_server other(redirector);
    const auto answer = send("/to?302=http://a.test:" + std::to_string(other.port()) + "/x");
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->body, "GET /x |Accept;Content-Type;");
}

TEST_F(redirects, pass_the_egress_guard_at_each_step) {
    for (const auto* target : {"http://127.0.0.2/", "http://inside.test/", "http://[::1]/",
                               "http://169.254.169.254/latest/", "http://0x7f.1/", "file:///x"}) {
        const auto answer = send("/to?302=" + std::string(target));
        ASSERT_FALSE(answer) << target;
        EXPECT_EQ(answer.error_value().code, base::error_code::invalid_input) << target;
    }
}

TEST_F(redirects, end_after_five) {
    const auto chain = [](int steps) {
        std::string target = "/x";
        for (int i = 0; i < steps; ++i)
            target = "/to?302=" + target;
        return target;
    };
    EXPECT_EQ(send(chain(5))->status, 200);
    const auto answer = send(chain(6));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::unsupported);
}

TEST_F(redirects, without_a_place_are_answers) {
    test_server bare([](http_request, responder respond) { respond({302, {}, "where?"}); });
    client_request request;
    request.url = "http://127.0.0.1:" + std::to_string(bare.port()) + "/";
    request.follow_redirects = true;
    const auto answer = client_.send(std::move(request));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "where?");
}

}  // namespace
}  // namespace sluice::net
