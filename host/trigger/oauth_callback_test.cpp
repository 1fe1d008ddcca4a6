#include "trigger/oauth_callback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::trigger {
namespace {

using testing::HasSubstr;
using testing::Not;

class oauth_callback_test : public testing::Test {
  protected:
    net::http_response get(const std::string& query) {
        net::http_request request;
        request.method = "GET";
        request.path = "/oauth/callback";
        request.query = query;
        net::http_response told;
        EXPECT_FALSE(callback.on_head(request));
        callback.on_request(request, net::responder([&](net::http_response response) {
                                told = std::move(response);
                            }));
        return told;
    }

    base::result<instance::connection_id> outcome = instance::connection_id{"acme", "crm"};
    instance::authorizations::answer given;
    oauth_callback callback{[this](instance::authorizations::answer what, const auto& finished) {
        given = std::move(what);
        finished(outcome);
    }};
};

TEST_F(oauth_callback_test, hands_on_what_the_provider_sends) {
    const net::http_response told = get("code=a%2Bb&state=s&iss=https%3A%2F%2Fa.test");
    EXPECT_EQ(given.code, "a+b");
    EXPECT_EQ(given.state, "s");
    EXPECT_EQ(given.error, "");
    EXPECT_EQ(told.status, 200);
    EXPECT_THAT(told.body, HasSubstr("crm of acme is authorized"));
    EXPECT_THAT(told.body, Not(HasSubstr("a+b")));
}

TEST_F(oauth_callback_test, shows_an_error_as_text) {
    outcome = base::make_error(base::error_code::auth, "it said <b>\"no\" & 'never'</b>");
    const net::http_response told = get("error=access_denied&error_description=no+thanks&state=s");
    EXPECT_EQ(given.error, "access_denied");
    EXPECT_EQ(given.description, "no thanks");
    EXPECT_EQ(told.status, 400);
    EXPECT_THAT(told.body, HasSubstr("it said &lt;b&gt;&quot;no&quot; &amp; &apos;never&apos;"));
    EXPECT_THAT(std::string(told.headers.get("Content-Security-Policy")),
                HasSubstr("default-src 'none'"));
    EXPECT_EQ(told.headers.get("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(told.headers.get("Cache-Control"), "no-store");
    outcome = base::make_error(base::error_code::unavailable, "no answer");
    EXPECT_EQ(get("").status, 502);
}

TEST_F(oauth_callback_test, takes_get_alone) {
    net::http_request_head head;
    head.method = "POST";
    head.path = "/oauth/callback";
    const auto told = callback.on_head(head);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->status, 405);
    EXPECT_FALSE(oauth_callback::is_here("/oauth/callback/x"));
}

}  // namespace
}  // namespace sluice::trigger
