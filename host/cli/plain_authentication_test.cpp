// Documents of the specification that prove who they are to a server on this machine: over real
// connections, with secrets from files and from the environment.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "json/text.hpp"
#include "net/digest.hpp"
#include "net/loop_thread_testing.hpp"

namespace sluice::cli {
namespace {

constexpr const char* password = "s3cr3t-of-ada";

// The text between `begin` and the next quote.
std::string between(std::string_view text, std::string_view begin) {
    const std::size_t from = text.find(begin);
    if (from == text.npos) return {};
    return std::string(text.substr(from + begin.size(),
                                   text.find('"', from + begin.size()) - from - begin.size()));
}

class plain_authentication : public testing::Test {
  protected:
    struct outcome {
        int code = 0;
        std::string out, err, trace;
    };

    std::string write(const std::string& name, const std::string& text) {
        const std::filesystem::path file = folder_.path() / name;
        EXPECT_TRUE(base::write_file(file, text));
        return file.string();
    }

    // Runs a document with `uses` (below `use`, in braces) that calls http://shop.test/PATH so
    // often.
    outcome run(const std::string& uses, const std::string& path,
                std::vector<std::string> more = {}, int calls = 1) {
        std::string text =
            "document: { dsl: '1.0.3', namespace: default, name: main, version: '1.0.0' }\n"
            "use: " +
            uses + "\ndo:\n";
        for (int i = 0; i < calls; ++i) {
            text += "  - call" + std::to_string(i) +
                    ": { call: http, with: { method: get, endpoint: { uri: 'http://shop.test/" +
                    path + "', authentication: { use: api } } } }\n";
        }
        const std::string here = "http://127.0.0.1:" + std::to_string(server_.port());
        const std::string trace = (folder_.path() / "trace.json").string();
        std::vector<std::string> words = {"sluice",    "run",
                                          "--plain",   write("main.yaml", text),
                                          "--trace",   trace,
                                          "--rewrite", "http://shop.test=" + here,
                                          "--rewrite", "http://auth.test=" + here + "/auth"};
        words.insert(words.end(), more.begin(), more.end());
        std::vector<const char*> argv;
        for (const std::string& word : words)
            argv.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        outcome made;
        made.code = run_command_line(static_cast<int>(argv.size()), argv.data());
        std::fflush(stdout);
        made.out = testing::internal::GetCapturedStdout();
        made.err = testing::internal::GetCapturedStderr();
        if (const auto written = base::read_file(trace, 1 << 20)) made.trace = *written;
        return made;
    }

    static net::http_response answer(const net::http_request& request, int fetches) {
        const std::string sent(request.headers.get("Authorization"));
        if (request.path == "/auth/oauth2/token") {
            if (request.body.find(password) == std::string::npos) {
                return net::json_response(401, R"({"error":"invalid_client"})");
            }
            return net::json_response(200, R"({"expires_in":3600,"access_token":"token-number-)" +
                                               std::to_string(fetches) + R"("})");
        }
        if (request.path == "/digest") {
            const std::string challenge =
                R"(Digest realm="r", qop="auth", algorithm=SHA-256, nonce="n")";
            const net::headers fields = {{"WWW-Authenticate", challenge}};
            const std::string expected =
                net::digest_authorization(*net::find_digest_challenge(fields), {"ada", password},
                                          "GET", request.target, between(sent, "cnonce=\""));
            if (sent == expected) return net::json_response(200, R"({"ok":"digest"})");
            net::http_response refusal = net::json_response(401, "{}");
            refusal.headers.set("WWW-Authenticate", challenge);
            return refusal;
        }
        // Repeats what it was sent, as a careless server does.
        return net::json_response(200, json::to_text(json::value::object({{"sent", sent}})));
    }

    std::atomic<int> fetches_ = 0;
    base::temporary_folder folder_;
    net::test_server server_{[this](net::http_request request, net::responder respond) {
        if (request.path.starts_with("/auth/")) ++fetches_;
        respond(answer(request, fetches_));
    }};
};

const char* const pair = R"({"username":"ada","password":"s3cr3t-of-ada"})";

TEST_F(plain_authentication, takes_secrets_from_files) {
    const std::string given = "api=@" + write("pair.json", std::string(pair) + "\n");
    const outcome basic =
        run("{ secrets: [api], authentications: { api: { basic: { use: api } } } }", "basic",
            {"--secret", given});
    EXPECT_EQ(basic.code, exit_ok) << basic.err;
    EXPECT_NE(basic.out.find("[redacted]"), std::string::npos) << "it was sent, and is hidden";
    EXPECT_EQ(basic.out.find(base::to_base64("ada:" + std::string(password))), std::string::npos);
    EXPECT_EQ(basic.trace.find(password), std::string::npos);
    EXPECT_EQ(basic.trace.find(base::to_base64("ada:" + std::string(password))), std::string::npos);
    const outcome digest =
        run("{ secrets: [api], authentications: { api: { digest: { use: api } } } }", "digest?a=b",
            {"--secret", given});
    EXPECT_EQ(digest.out, "{\"ok\":\"digest\"}\n") << digest.err;
}

TEST_F(plain_authentication, takes_secrets_from_the_environment) {
    ::setenv("SLUICE_SECRET_API_TOKEN", "token-from-outside", 1);
    const outcome made =
        run("{ secrets: [api-token], authentications: { api: { bearer: { use: api-token } } } }",
            "bearer");
    ::unsetenv("SLUICE_SECRET_API_TOKEN");
    EXPECT_EQ(made.out, "{\"sent\":\"Bearer [redacted]\"}\n") << made.err;
}

TEST_F(plain_authentication, is_not_run_without_its_secrets) {
    const outcome made = run(
        "{ secrets: [no-one], authentications: { api: { bearer: { use: no-one } } } }", "bearer");
    EXPECT_EQ(made.code, exit_refused);
    const auto error = json::parse(made.err);
    ASSERT_TRUE(error) << made.err;
    EXPECT_TRUE(error->string_or("type", "").ends_with("/configuration"));
    EXPECT_EQ(error->string_or("detail", ""),
              "the secret \"no-one\" has no value (give it as --secret no-one=@FILE or in the "
              "variable SLUICE_SECRET_NO_ONE)");
    const outcome open = run("{ authentications: { api: { bearer: { token: x } } } }", "bearer",
                             {"--secret", "name=the-value-itself"});
    EXPECT_EQ(open.code, exit_refused);
    EXPECT_EQ(open.err.find("the-value-itself"), std::string::npos) << open.err;
}

TEST_F(plain_authentication, fetches_one_token_for_several_calls_and_shows_it_nowhere) {
    const std::string uses =
        "{ secrets: [client], authentications: { api: { oauth2: { use: client } } } }";
    const std::string given =
        "client=@" + write("client.json", R"({"authority":"http://auth.test","grant":)"
                                          R"("client_credentials","client":{"id":"me",)"
                                          R"("secret":"s3cr3t-of-ada"}})");
    const outcome made = run(uses, "token", {"--secret", given}, 3);
    EXPECT_EQ(made.out, "{\"sent\":\"Bearer [redacted]\"}\n") << made.err;
    EXPECT_EQ(fetches_, 1);
    EXPECT_EQ((made.out + made.err + made.trace).find("token-number"), std::string::npos);
    EXPECT_EQ((made.out + made.err + made.trace).find(password), std::string::npos);
}

TEST_F(plain_authentication, tells_why_there_is_no_token) {
    const outcome made =
        run("{ authentications: { api: { oauth2: { authority: http://auth.test, grant: "
            "client_credentials, client: { id: me, secret: wrong-secret } } } } }",
            "token");
    EXPECT_EQ(made.code, exit_refused);
    const auto error = json::parse(made.err);
    ASSERT_TRUE(error) << made.err;
    EXPECT_EQ(error->int_or("status", 0), 401);
    EXPECT_TRUE(error->string_or("type", "").ends_with("/authentication"));
    EXPECT_EQ(error->string_or("detail", ""),
              "http://auth.test/oauth2/token gave no access token but status 401: invalid_client");
}

TEST_F(plain_authentication, reaches_no_authority_that_the_guard_refuses) {
    const outcome made =
        run("{ authentications: { api: { oauth2: { authority: 'http://127.0.0.1:1', grant: "
            "client_credentials, client: { id: me, secret: wrong-secret } } } } }",
            "token");
    const auto error = json::parse(made.err);
    ASSERT_TRUE(error) << made.err;
    EXPECT_EQ(error->int_or("status", 0), 403);
    EXPECT_TRUE(error->string_or("type", "").ends_with("/authorization"));
    EXPECT_NE(error->string_or("detail", "").find("the host's egress guard refused the request"),
              std::string::npos);
}

}  // namespace
}  // namespace sluice::cli
