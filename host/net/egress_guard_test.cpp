#include "net/egress_guard.hpp"

#include <gtest/gtest.h>

#include "base/manual_loop.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/url.hpp"

namespace sluice::net {
namespace {

struct address_case {
    const char* text;
    bool is_public;
};

class address_judgement : public testing::TestWithParam<address_case> {};

TEST_P(address_judgement, matches_the_registries) {
    const auto address = ip_address::parse(GetParam().text);
    ASSERT_TRUE(address) << GetParam().text;
    EXPECT_EQ(!why_not_public(*address), GetParam().is_public)
        << GetParam().text << ": " << why_not_public(*address).value_or("public");
}

INSTANTIATE_TEST_SUITE_P(
    v4, address_judgement,
    testing::Values(address_case{"0.0.0.0", false}, address_case{"0.255.255.255", false},
                    address_case{"1.0.0.0", true}, address_case{"9.255.255.255", true},
                    address_case{"10.0.0.0", false}, address_case{"10.255.255.255", false},
                    address_case{"11.0.0.0", true}, address_case{"100.63.255.255", true},
                    address_case{"100.64.0.0", false}, address_case{"100.100.100.200", false},
                    address_case{"100.127.255.255", false}, address_case{"100.128.0.0", true},
                    address_case{"126.255.255.255", true}, address_case{"127.0.0.1", false},
                    address_case{"127.255.255.255", false}, address_case{"128.0.0.1", true},
                    address_case{"169.253.255.255", true}, address_case{"169.254.0.0", false},
                    address_case{"169.254.169.254", false}, address_case{"169.255.0.0", true},
                    address_case{"172.15.255.255", true}, address_case{"172.16.0.0", false},
                    address_case{"172.31.255.255", false}, address_case{"172.32.0.0", true},
                    address_case{"192.0.0.1", false}, address_case{"192.0.1.0", true},
                    address_case{"192.0.2.1", false}, address_case{"192.88.99.1", false},
                    address_case{"192.167.255.255", true}, address_case{"192.168.0.0", false},
                    address_case{"192.168.255.255", false}, address_case{"192.169.0.0", true},
                    address_case{"198.17.255.255", true}, address_case{"198.18.0.0", false},
                    address_case{"198.19.255.255", false}, address_case{"198.20.0.0", true},
                    address_case{"198.51.100.7", false}, address_case{"203.0.113.7", false},
                    address_case{"223.255.255.255", true}, address_case{"224.0.0.1", false},
                    address_case{"239.255.255.255", false}, address_case{"240.0.0.1", false},
                    address_case{"255.255.255.255", false}, address_case{"8.8.8.8", true}));

INSTANTIATE_TEST_SUITE_P(
    v6, address_judgement,
    testing::Values(address_case{"::", false}, address_case{"::1", false},
                    address_case{"::2", false}, address_case{"::8.8.8.8", false},
                    address_case{"::ffff:8.8.8.8", false}, address_case{"::ffff:127.0.0.1", false},
                    address_case{"64:ff9b::8.8.8.8", true},
                    address_case{"64:ff9b::10.0.0.1", false},
                    address_case{"64:ff9b::169.254.169.254", false},
                    address_case{"64:ff9b:1::8.8.8.8", false}, address_case{"100::1", false},
                    address_case{"2001:4860:4860::8888", true}, address_case{"2001:db8::1", false},
                    address_case{"2001:2::1", false}, address_case{"2001:10::1", false},
                    address_case{"2001:20::1", false}, address_case{"2001:200::1", true},
                    // Teredo: server 65.54.227.120, client address inverted in the last four bytes.
                    address_case{"2001:0:4136:e378:8000:63bf:f7f7:f7f7", true},   // 8.8.8.8
                    address_case{"2001:0:4136:e378:8000:63bf:80ff:fffe", false},  // 127.0.0.1
                    address_case{"2001:0:0a00:0001:8000:63bf:f7f7:f7f7", false},  // server 10.0.0.1
                    address_case{"2002:0808:0808::1", true}, address_case{"2002:7f00:1::1", false},
                    address_case{"2002:c0a8:1::", false}, address_case{"3fff::1", false},
                    address_case{"3ffe::1", true}, address_case{"4000::1", false},
                    address_case{"5f00::1", false}, address_case{"fc00::1", false},
                    address_case{"fdff::1", false}, address_case{"fe80::1", false},
                    address_case{"febf::1", false}, address_case{"fec0::1", false},
                    address_case{"ff02::1", false}, address_case{"2a00:1450::1", true}));

TEST(ip_address, reads_only_the_plain_forms) {
    for (const auto* text : {"", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "0x1.2.3.4", "256.0.0.1",
                             "1.2.3.4 ", " 1.2.3.4", "::1%lo", "[::1]", "1.2.3.4:80", "::g"}) {
        EXPECT_FALSE(ip_address::parse(text)) << text;
    }
    EXPECT_EQ(ip_address::parse("2001:DB8:0::1")->to_text(), "2001:db8::1");
    EXPECT_FALSE(ip_address::parse(std::string_view("1.2.3.4\0", 8)));
}

egress_policy policy_of(const std::vector<std::string>& entries) {
    auto policy = egress_policy::from_allow_list(entries);
    EXPECT_TRUE(policy) << (policy ? "" : policy.error_value().to_text());
    return policy ? *std::move(policy) : egress_policy();
}

bool allows(const egress_policy& policy, std::string_view host, std::uint16_t port,
            std::string_view address) {
    return policy.check(host, port, ip_address::parse(address).value()).has_value();
}

TEST(egress_policy, opens_nothing_by_default_but_the_internet) {
    const egress_policy policy;
    EXPECT_TRUE(allows(policy, "a.test", 443, "93.184.216.34"));
    EXPECT_FALSE(allows(policy, "a.test", 443, "10.0.0.1"));
    EXPECT_FALSE(allows(policy, "localhost", 80, "127.0.0.1"));
}

TEST(egress_policy, opens_a_name_wherever_it_points) {
    const auto policy = policy_of({"App.Internal", "db.internal:5432"});
    EXPECT_TRUE(allows(policy, "app.internal", 1, "10.0.0.1"));
    EXPECT_TRUE(allows(policy, "APP.internal.", 2, "127.0.0.1"));
    EXPECT_TRUE(allows(policy, "db.internal", 5432, "10.0.0.1"));
    EXPECT_FALSE(allows(policy, "db.internal", 80, "10.0.0.1"));
    EXPECT_FALSE(allows(policy, "evil.app.internal", 80, "10.0.0.1"));
    EXPECT_FALSE(allows(policy, "internal", 80, "10.0.0.1"));
}

TEST(egress_policy, opens_addresses_and_networks) {
    const auto policy = policy_of({"127.0.0.1:8080", "10.1.0.0/16", "[::1]:80", "fd00::/8",
                                   "192.168.1.7", "172.16.0.0/12:443"});
    EXPECT_TRUE(allows(policy, "127.0.0.1", 8080, "127.0.0.1"));
    EXPECT_TRUE(allows(policy, "any.test", 8080, "127.0.0.1"));
    EXPECT_FALSE(allows(policy, "127.0.0.1", 8081, "127.0.0.1"));
    EXPECT_FALSE(allows(policy, "127.0.0.2", 8080, "127.0.0.2"));
    EXPECT_TRUE(allows(policy, "x", 1, "10.1.255.255"));
    EXPECT_FALSE(allows(policy, "x", 1, "10.2.0.0"));
    EXPECT_TRUE(allows(policy, "::1", 80, "::1"));
    EXPECT_FALSE(allows(policy, "::1", 81, "::1"));
    EXPECT_TRUE(allows(policy, "x", 1, "fdab::1"));
    EXPECT_FALSE(allows(policy, "x", 1, "fc00::1"));
    EXPECT_TRUE(allows(policy, "x", 1, "192.168.1.7"));
    EXPECT_FALSE(allows(policy, "x", 1, "192.168.1.8"));
    EXPECT_TRUE(allows(policy, "x", 443, "172.31.0.1"));
    EXPECT_FALSE(allows(policy, "x", 80, "172.31.0.1"));
    EXPECT_FALSE(allows(policy, "x", 8080, "::ffff:127.0.0.1"));
}

TEST(egress_policy, refuses_entries_it_does_not_understand_by_name) {
    for (const auto* entry : {"", "a b", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "a:0",
                              "a:", "a:70000", "a:80:90x", "[::1", "[::1]80", "[::1]:", "a.test/8",
                              "http://a.test", "127.1", "::1/129", "fd00::/8:"}) {
        const auto policy = egress_policy::from_allow_list({"ok.test", entry});
        ASSERT_FALSE(policy) << entry;
        EXPECT_NE(policy.error_value().message.find("'" + std::string(entry) + "'"),
                  std::string::npos);
    }
}

TEST(egress_policy, says_why_and_what_to_do) {
    const auto refused =
        egress_policy().check("app.internal", 8080, ip_address::parse("10.0.0.1").value());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error_value().code, base::error_code::invalid_input);
    EXPECT_EQ(refused.error_value().message,
              "connections to app.internal are not allowed: 10.0.0.1 is a private network");
    EXPECT_NE(refused.error_value().hint.find("app.internal:8080"), std::string::npos);
}

class egress_guard_test : public testing::Test {
  protected:
    base::result<std::vector<ip_address>> lookup(const egress_guard& guard,
                                                 const std::string& host) {
        std::optional<base::result<std::vector<ip_address>>> answer;
        guard.lookup(host, 443, [&](auto found) { answer = std::move(found); });
        EXPECT_FALSE(answer) << "inline";
        loop_.run_ready();
        EXPECT_TRUE(answer);
        return *answer;
    }

    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    scripted_resolver names_{loop_};
};

TEST_F(egress_guard_test, gives_the_addresses_it_checked) {
    names_.add("a.test", {"93.184.216.34", "2606:2800::1"});
    const egress_guard guard(loop_, names_, {});
    const auto found = lookup(guard, "a.test");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 2u);
    EXPECT_EQ((*found)[0].to_text(), "93.184.216.34");
}

TEST_F(egress_guard_test, one_forbidden_address_refuses_the_name) {
    names_.add("mixed.test", {"93.184.216.34", "10.0.0.1"});
    const egress_guard guard(loop_, names_, {});
    const auto found = lookup(guard, "mixed.test");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error_value().code, base::error_code::invalid_input);
}

TEST_F(egress_guard_test, checks_literal_addresses_without_a_lookup) {
    const egress_guard guard(loop_, names_, {});
    EXPECT_FALSE(lookup(guard, "127.0.0.1"));
    EXPECT_FALSE(lookup(guard, "::1"));
    EXPECT_TRUE(lookup(guard, "8.8.8.8"));
    EXPECT_EQ(names_.lookups(), 0);
}

TEST_F(egress_guard_test, checks_each_answer_of_a_name_that_changes) {
    names_.add("flip.test", {"93.184.216.34"});
    names_.add("flip.test", {"127.0.0.1"});
    const egress_guard guard(loop_, names_, {});
    EXPECT_TRUE(lookup(guard, "flip.test"));
    EXPECT_FALSE(lookup(guard, "flip.test"));
    EXPECT_EQ(names_.lookups(), 2);
}

TEST_F(egress_guard_test, passes_on_what_the_resolver_says) {
    const egress_guard guard(loop_, names_, {});
    const auto found = lookup(guard, "unknown.test");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error_value().code, base::error_code::unavailable);
}

class forbidden_url : public testing::TestWithParam<const char*> {};

// The whole way a connector's URL takes: either the text is refused, or its address is.
TEST_P(forbidden_url, is_refused_as_text_or_by_address) {
    base::manual_clock clock;
    base::manual_loop loop(clock);
    scripted_resolver names(loop);
    names.add("localhost", {"127.0.0.1", "::1"});
    names.add("metadata.google.internal", {"169.254.169.254"});
    names.add("127.0.0.1.nip.test", {"127.0.0.1"});
    const egress_guard guard(loop, names, {});
    const auto target = parse_url(GetParam());
    if (!target) return;
    std::optional<base::result<std::vector<ip_address>>> answer;
    guard.lookup(target->host, target->port, [&](auto found) { answer = std::move(found); });
    loop.run_ready();
    ASSERT_TRUE(answer);
    ASSERT_FALSE(*answer) << GetParam();
    EXPECT_EQ(answer->error_value().code, base::error_code::invalid_input);
}

INSTANTIATE_TEST_SUITE_P(
    urls, forbidden_url,
    testing::Values(
        "http://127.0.0.1/", "http://127.0.0.1:22/", "http://127.1/", "http://127.0.1/",
        "http://0/", "http://0.0.0.0/", "http://2130706433/", "http://0x7f000001/",
        "http://0x7f.0x0.0x0.0x1/", "http://017700000001/", "http://0177.0.0.1/",
        "http://127.0.0.1./", "http://localhost/", "http://LOCALHOST/", "http://localhost./",
        "http://[::1]/", "http://[::]/", "http://[0:0:0:0:0:0:0:1]/", "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/",
        "http://[fe80::1%25lo]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/",
        "http://[ff02::1]/", "http://169.254.169.254/latest/meta-data/", "http://2852039166/",
        "http://0xa9fea9fe/", "http://169.254.43518/", "http://metadata.google.internal/",
        "http://100.100.100.200/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.0.1/",
        "http://127.0.0.1.nip.test/", "http://a@127.0.0.1/", "http://example.com@127.0.0.1/",
        "http://127.0.0.1#@example.com/", "http://127.0.0.1%00.example.com/",
        "http://127.0.0.1%2f/", "http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1/",
        "http://127\xe3\x80\x82"
        "0.0.1/",
        "http:\\\\127.0.0.1\\", "http:/127.0.0.1/", "http:127.0.0.1/", "gopher://127.0.0.1/",
        "file:///etc/passwd", "http://192.0.2.1/", "http://198.18.0.1/", "http://224.0.0.1/",
        "http://255.255.255.255/", "http://240.0.0.1/", "http://192.0.0.192/", "https://127.0.0.1/",
        "HTTP://127.0.0.1/", "http://127.0.0.1:65535/"));

}  // namespace
}  // namespace sluice::net
