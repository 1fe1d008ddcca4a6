#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

call_result check(const json& connection) {
    mock_host host(sluice_connector_v1);
    return host.run("checkConnection", json::object(), connection);
}

json with(json connection, std::string_view field, json value) {
    connection.set(field, std::move(value));
    return connection;
}

TEST(sftp_log_in, works_with_each_kind_of_key) {
    const testing_server server;
    for (const char* key : {"ed25519", "ecdsa", "rsa"}) {
        const call_result result =
            check(with(connection(server), "privateKey", keys().private_key(key)));
        ASSERT_TRUE(result.ok) << key << ": " << result.explain();
        EXPECT_EQ(result.output.get_or("folder", ""), server.folder().string());
        EXPECT_EQ(result.output.get_or("hostKey", ""), keys().fingerprint("host"));
        EXPECT_TRUE(result.output.get_or("replacesInOneStep", false));
        EXPECT_NE(result.output.get_or("server", "").find("OpenSSH"), std::string::npos);
    }
}

TEST(sftp_log_in, decrypts_a_key_with_its_passphrase) {
    const testing_server server;
    const json encrypted = with(connection(server), "privateKey", keys().private_key("encrypted"));
    EXPECT_TRUE(check(with(encrypted, "passphrase", "open sesame")).ok);
    for (const json& other : {json(), json("close sesame")}) {
        const call_result result = check(with(encrypted, "passphrase", other));
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.message.find("sesame"), std::string::npos);
    }
}

TEST(sftp_log_in, fails_for_good_with_credentials_that_are_refused) {
    const testing_server server({.lines = {"PasswordAuthentication yes"}});
    const json stranger = with(connection(server), "privateKey", keys().private_key("stranger"));
    const json garbage = with(connection(server), "privateKey", "-----BEGIN RSA PRIVATE KEY-----");
    json password = with(with(connection(server), "type", "password"), "password", "s3cret");
    for (const json& bad : {stranger, garbage, password}) {
        const call_result result = check(bad);
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.message.find("s3cret"), std::string::npos);
    }
}

TEST(sftp_log_in, knows_the_server_by_any_form_of_its_key) {
    const testing_server server;
    const std::string key = keys().public_key("host");
    const std::string forms[] = {
        keys().fingerprint("host"),
        key,
        "sftp.example.com,10.0.0.1 " + key,
        "# the old one\n" + keys().fingerprint("other-host") + "\n\n" + keys().fingerprint("host"),
        keys().public_key("other-host") + key,
    };
    for (const std::string& form : forms) {
        const call_result result = check(with(connection(server), "hostKey", form));
        EXPECT_TRUE(result.ok) << form << ": " << result.explain();
    }
}

TEST(sftp_log_in, finds_the_pinned_one_of_several_keys_of_a_server) {
    const testing_server server({.host_keys = {"host", "rsa-host"}});
    for (const std::string& form :
         {keys().fingerprint("rsa-host"), keys().public_key("rsa-host")}) {
        const call_result result = check(with(connection(server), "hostKey", form));
        ASSERT_TRUE(result.ok) << form << ": " << result.explain();
        EXPECT_EQ(result.output.get_or("hostKey", ""), keys().fingerprint("rsa-host"));
    }
}

TEST(sftp_log_in, stops_before_anything_secret_at_another_server) {
    // It would let everybody in, and still is not talked to.
    const testing_server server({.host_keys = {"other-host"}});
    for (const std::string& form : {keys().fingerprint("host"), keys().public_key("host")}) {
        const call_result result = check(with(connection(server), "hostKey", form));
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_NE(result.error.message.find(keys().fingerprint("host")), std::string::npos);
        EXPECT_NE(result.error.message.find(keys().fingerprint("other-host")), std::string::npos);
        EXPECT_EQ(result.error.details.get_or("reason", ""), "hostKeyMismatch");
    }
}

TEST(sftp_log_in, notices_that_the_server_has_changed) {
    testing_server server;
    mock_host host(sluice_connector_v1);
    EXPECT_TRUE(host.run("checkConnection", json::object(), connection(server)).ok);
    server.restart_with("other-host");
    const call_result result = host.run("checkConnection", json::object(), connection(server));
    EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
}

TEST(sftp_log_in, needs_a_host_key_that_is_one) {
    json without =
        json{{"type", "password"}, {"host", "127.0.0.1"}, {"username", "u"}, {"password", "p"}};
    EXPECT_EQ(check(without).error.code, SLUICE_INVALID_INPUT);
    // Of known_hosts, but no key of a server that is to be trusted.
    for (const char* mark : {"@revoked * ", "@cert-authority * "}) {
        const call_result result =
            check(with(without, "hostKey", mark + keys().public_key("host")));
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << mark << result.explain();
    }
    for (const char* bad : {"", "# none", "SHA256:", "SHA256:abc", "MD5:00:11", "ssh-ed25519",
                            "ssh-ed25519 AAAA", "ssh-rot13 AAAAC3NzaC1lZDI1NTE5AAAAI"}) {
        const call_result result = check(with(without, "hostKey", bad));
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << bad << ": " << result.explain();
    }
}

TEST(sftp_log_in, refuses_connections_that_cannot_work) {
    const json good{{"type", "password"},
                    {"host", "127.0.0.1"},
                    {"username", "u"},
                    {"password", "p"},
                    {"hostKey", keys().fingerprint("host")}};
    const std::pair<const char*, json> bad[] = {
        {"host", ""},
        {"host", "root@server"},
        {"host", "a b"},
        {"port", 0},
        {"port", 65536},
        {"port", "ssh"},
        {"username", ""},
        {"password", json()},
        {"timeoutSeconds", 0},
        {"host", "a/b"},
        {"timeoutSeconds", "99999999999"},
    };
    for (const auto& [field, value] : bad) {
        const call_result result = check(with(good, field, value));
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT)
            << field << ' ' << value.dump() << ": " << result.explain();
    }
}

TEST(sftp_log_in, tells_a_server_that_is_away_from_one_that_hangs) {
    const testing_server server;
    json away = with(connection(server), "port", free_port());
    EXPECT_EQ(check(away).error.code, SLUICE_UNAVAILABLE);
    tcp_proxy proxy(server.port());
    proxy.stall_after_down(0);
    const json hangs = with(connection(server, proxy), "timeoutSeconds", 1);
    const call_result result = check(hangs);
    EXPECT_EQ(result.error.code, SLUICE_TIMEOUT) << result.explain();
    EXPECT_EQ(check(with(away, "host", "no-such-host.invalid")).error.code, SLUICE_UNAVAILABLE);
}

TEST(sftp_log_in, survives_a_connection_that_breaks_anywhere_in_it) {
    const testing_server server;
    tcp_proxy proxy(server.port());
    for (const std::uint64_t bytes : {1, 21, 500, 1200, 1800, 2500}) {
        proxy.cut_after_down(bytes, 1);
        const call_result result = check(connection(server, proxy));
        if (result.ok) continue;
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << bytes << ": " << result.explain();
    }
}

TEST(sftp_log_in, speaks_with_servers_of_modern_ciphers_alone) {
    for (const char* cipher : {"aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"}) {
        const testing_server server({.lines = {std::string("Ciphers ") + cipher}});
        const call_result result = check(connection(server));
        EXPECT_TRUE(result.ok) << cipher << ": " << result.explain();
    }
}

TEST(sftp_log_in, says_when_a_server_has_no_sftp) {
    const testing_server server({.lines = {"ForceCommand /bin/false"}});
    const call_result result = check(connection(server));
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
    EXPECT_NE(result.error.message.find("SFTP"), std::string::npos) << result.explain();
}

}  // namespace
}  // namespace sluice::sftp::testing
