// Who runs in a process of its own: the rules and the list of hashes.
#include <gtest/gtest.h>

#include "plugin/isolation.hpp"

namespace sluice::plugin {
namespace {

const std::string hash_a(64, 'a');
const std::string hash_b(64, 'b');

isolation_policy policy_of(std::initializer_list<std::string_view> rules) {
    isolation_policy out;
    out.for_others.mode = isolation_mode::process;
    out.trusted = {hash_a};
    for (const std::string_view rule : rules) {
        const auto added = add_isolation(out, rule);
        EXPECT_TRUE(added) << added.error_value().to_text();
    }
    return out;
}

isolation_mode mode(const isolation_policy& policy, std::string_view id, const std::string& hash) {
    return policy.rule_for(id, hash).mode;
}

TEST(isolation_rules, by_themselves_only_files_on_the_list_run_in_the_host) {
    const auto policy = policy_of({});
    EXPECT_EQ(mode(policy, "github", hash_a), isolation_mode::none);
    EXPECT_EQ(mode(policy, "github", hash_b), isolation_mode::process);
}

TEST(isolation_rules, a_name_stands_before_the_list_and_before_a_rule_for_all) {
    const auto policy = policy_of({"github=none", "process", "slack=process,memory=512"});
    EXPECT_EQ(mode(policy, "github", hash_b), isolation_mode::none);
    EXPECT_EQ(mode(policy, "crm", hash_a), isolation_mode::process);
    EXPECT_EQ(policy.rule_for("slack", hash_a).limits.memory_mib, 512u);
    EXPECT_EQ(mode(policy_of({"none"}), "crm", hash_b), isolation_mode::none);
}

TEST(isolation_rules, limits_follow_the_word_process) {
    const auto rule = parse_isolation_rule("process,no-network,exec,memory=256");
    ASSERT_TRUE(rule);
    EXPECT_FALSE(rule->limits.network);
    EXPECT_TRUE(rule->limits.exec);
    EXPECT_EQ(rule->limits.memory_mib, 256u);
    const auto plain = parse_isolation_rule("process");
    EXPECT_TRUE(plain->limits.network);
    EXPECT_FALSE(plain->limits.exec);
}

TEST(isolation_rules, what_makes_no_sense_is_refused) {
    for (const std::string_view text :
         {"", "thread", "none,exec", "process,fast", "process,memory=", "process,memory=12",
          "process,memory=1e9", "process,memory=99999999", "=none", "github=", "github=maybe",
          "process,"}) {
        isolation_policy policy;
        if (text == "process,") {
            EXPECT_TRUE(add_isolation(policy, text));
            continue;
        }
        EXPECT_FALSE(add_isolation(policy, text)) << text;
    }
}

TEST(isolation_rules, lists_are_read_as_sha256sum_writes_them) {
    const auto found = parse_trusted("# ours\n" + hash_a + "  github.so\n\n" + hash_b + " *b.so\n");
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, (std::set<std::string>{hash_a, hash_b}));
    EXPECT_TRUE(parse_trusted("")->empty());
    for (const std::string& text :
         {std::string("github.so"), hash_a.substr(1) + "  x.so", std::string(64, 'A') + "  x.so"}) {
        const auto refused = parse_trusted(hash_a + "  a.so\n" + text);
        ASSERT_FALSE(refused) << text;
        EXPECT_NE(refused.error_value().message.find("line 2"), std::string::npos);
    }
}

}  // namespace
}  // namespace sluice::plugin
