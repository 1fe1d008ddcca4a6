#include "soql.hpp"

#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

std::string bound(const std::string& query, const json& parameters) {
    return bind_parameters(query, parameters);
}

TEST(salesforce_soql, keeps_any_text_one_literal) {
    EXPECT_EQ(text_literal("Acme"), "'Acme'");
    EXPECT_EQ(text_literal("O'Hara"), R"('O\'Hara')");
    EXPECT_EQ(text_literal(R"(a\)"), R"('a\\')");
    EXPECT_EQ(text_literal(R"(\' OR Name != ')"), R"('\\\' OR Name != \'')");
    EXPECT_EQ(text_literal("a\nb\tc\r\b\f"), R"('a\nb\tc\r\b\f')");
    EXPECT_EQ(text_literal(std::string("a\0b\x1F", 4)), R"('a\u0000b\u001F')");
    EXPECT_EQ(text_literal("Zoë 株"), "'Zoë 株'");
}

TEST(salesforce_soql, binds_values_of_every_kind) {
    const json parameters{{"a", "x'y"},
                          {"b", 7},
                          {"c", true},
                          {"d", json()},
                          {"e", json::array({"p", 2})},
                          {"f", json{{"dateTime", "2026-01-31T12:00:00.000+0000"}}},
                          {"g", json{{"date", "2026-01-31"}}},
                          {"h", json{{"startsWith", "50%_'"}}},
                          {"i", json{{"contains", "a"}}},
                          {"j", json{{"name", "Owner.Name"}}},
                          {"k", 1.5}};
    EXPECT_EQ(bound(":a :b :c :d :e :f :g :h :i :j :k", parameters),
              R"('x\'y' 7 true null ('p', 2) 2026-01-31T12:00:00.000Z 2026-01-31)"
              R"( '50\%\_\'%' '%a%' Owner.Name 1.5)");
}

TEST(salesforce_soql, leaves_texts_and_times_of_the_query_alone) {
    const std::string query =
        R"(SELECT Id FROM A WHERE B = ':no' AND C = 'it\'s :no' AND D > 2026-01-31T12:00:00Z)"
        R"( AND E = LAST_N_DAYS:30 AND F = :f_1)";
    const std::string expected = query.substr(0, query.size() - 4) + "'v'";
    EXPECT_EQ(bound(query, json{{"f_1", "v"}}), expected);
    // What a value says is not looked at again.
    EXPECT_EQ(bound("a = :x AND b = :y", json{{"x", ":y"}, {"y", "'"}}),
              R"(a = ':y' AND b = '\'')");
}

TEST(salesforce_soql, refuses_what_does_not_fit) {
    const std::pair<const char*, json> bad[] = {
        {"a = :x", json()},
        {"a = :x", json::object()},
        {"a = 1", json{{"x", 1}}},
        {"a = ':x'", json{{"x", 1}}},
        {"a = 'open", json()},
        {R"(a = 'open\')", json()},
        {"a = :x", json::array({1})},
        {"a IN :x", json{{"x", json::array()}}},
        {"a IN :x", json{{"x", json::array({json::array({1})})}}},
        {"a = :x", json{{"x", json{{"dateTime", "2026-01-31"}}}}},
        {"a = :x", json{{"x", json{{"dateTime", "2026-01-31T12:00:00Z OR true"}}}}},
        {"a = :x", json{{"x", json{{"dateTime", "2026-01-31T12:00:00"}}}}},
        {"a = :x", json{{"x", json{{"date", "31.1.2026"}}}}},
        {"a = :x", json{{"x", json{{"name", "Name FROM User"}}}}},
        {"a = :x", json{{"x", json{{"name", "a..b"}}}}},
        {"a = :x", json{{"x", json{{"raw", "1 OR true"}}}}},
        {"a = :x", json{{"x", json{{"date", "2026-01-31"}, {"name", "A"}}}}},
        {"a = :x", json{{"x", json{{"contains", 7}}}}},
    };
    for (const auto& [query, parameters] : bad) {
        try {
            bound(query, parameters);
            ADD_FAILURE() << query << " with " << parameters.dump();
        } catch (const failure& why) {
            EXPECT_EQ(why.code(), SLUICE_INVALID_INPUT) << query;
        }
    }
}

TEST(salesforce_soql, takes_times_of_every_usual_form) {
    EXPECT_EQ(time_literal("2026-01-31T12:00:00Z", "t"), "2026-01-31T12:00:00Z");
    EXPECT_EQ(time_literal("2026-01-31T12:00:00.123Z", "t"), "2026-01-31T12:00:00.123Z");
    EXPECT_EQ(time_literal("2026-01-31T12:00:00+00:00", "t"), "2026-01-31T12:00:00Z");
    EXPECT_EQ(time_literal("2026-01-31T12:00:00+02:00", "t"), "2026-01-31T12:00:00+02:00");
    EXPECT_EQ(time_literal("2026-01-31T12:00:00.5-0330", "t"), "2026-01-31T12:00:00.5-03:30");
}

}  // namespace
}  // namespace sluice::salesforce::testing
