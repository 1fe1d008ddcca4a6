// Against an organization in memory that answers the queries of listChanges as Salesforce does.
#include <algorithm>
#include <regex>
#include <set>
#include <vector>

#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

const std::string now = "Sat, 31 Jan 2026 12:10:00 GMT";

struct change {
    std::string id;
    std::string at;  // within the hour: "12:05:00"
    std::string made = "11:00:00";
    bool deleted = false;
};

std::string stamp(const std::string& time) { return "2026-01-31T" + time + ".000+0000"; }

// Of 18 characters, in order.
std::string id_of(int number) {
    std::string digits = std::to_string(number);
    return "003xx0000000" + std::string(6 - digits.size(), '0') + digits;
}

// What the query selects: its WHERE and LIMIT are taken apart, as the connector writes them.
std::string select(std::vector<change> records, const std::string& query) {
    std::sort(records.begin(), records.end(), [](const change& a, const change& b) {
        return std::pair(a.at, a.id) < std::pair(b.at, b.id);
    });
    std::smatch found;
    std::string from;
    std::string behind;
    if (std::regex_search(query, found, std::regex("SystemModstamp >= 2026-01-31T([0-9:]+)")))
        from = found[1];
    if (std::regex_search(query, found, std::regex("Id > '(\\w+)'"))) behind = found[1];
    std::regex_search(query, found, std::regex("LIMIT (\\d+)$"));
    const std::size_t limit = std::stoul(found[1]);
    json out = json::array();
    for (const change& one : records) {
        const bool later = one.at > from || (one.at == from && one.id > behind);
        if (!later || out.size() == limit) continue;
        out.push(json{{"Id", one.id},
                      {"SystemModstamp", stamp(one.at)},
                      {"CreatedDate", stamp(one.made)},
                      {"IsDeleted", one.deleted}});
    }
    return json{{"done", true}, {"records", out}}.dump();
}

// One call of listChanges against these records.
call_result poll(const std::vector<change>& records, json input, const std::string& date = now) {
    mock_host host(sluice_connector_v1);
    sluice::testing::http_rule& rule = host.on("GET", base + "/query*");
    // The mock host answers by rules: the first request tells what to answer to the second.
    rule.reply(200, R"({"done": true, "records": []})");
    input.set("object", "Contact");
    host.run("listChanges", input, connection());
    const std::string query = asked_query(host.requests().at(0));
    mock_host second(sluice_connector_v1);
    second.on("GET", base + "/query*")
        .reply(200, select(records, query),
               date.empty() ? sluice::testing::header_list{}
                            : sluice::testing::header_list{{"Date", date}});
    return second.run("listChanges", input, connection());
}

std::vector<std::string> ids(const call_result& result) {
    std::vector<std::string> out;
    for (const json& item : result.output["items"].items())
        out.push_back(item.get_or("id", ""));
    return out;
}

TEST(salesforce_changes, writes_the_query) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/query?q=*").reply(200, R"({"done": true, "records": []})");
    host.on("GET", base + "/queryAll?q=*").reply(200, R"({"done": true, "records": []})");
    const json plain{{"object", "Contact"}, {"fields", json::array({"Name", "Id", "Owner.Name"})}};
    const call_result first = host.run("listChanges", plain, connection());
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_TRUE(first.output.contains("cursor"));
    EXPECT_EQ(asked_query(host.requests().at(0)),
              "SELECT Id, SystemModstamp, CreatedDate, Name, Owner.Name FROM Contact"
              " ORDER BY SystemModstamp ASC, Id ASC LIMIT 500");
    const json full{{"object", "Contact"},
                    {"cursor", "2026-01-31T12:00:00.000Z|" + id_of(1)},
                    {"where", "LastModifiedById != :me"},
                    {"parameters", json{{"me", "it's me"}}},
                    {"includeDeleted", true},
                    {"limit", 7}};
    ASSERT_TRUE(host.run("listChanges", full, connection()).ok);
    EXPECT_TRUE(host.requests().at(1).url.starts_with(base + "/queryAll?"));
    EXPECT_EQ(asked_query(host.requests().at(1)),
              "SELECT Id, SystemModstamp, CreatedDate, IsDeleted FROM Contact WHERE"
              " SystemModstamp >= 2026-01-31T12:00:00.000Z AND"
              " (SystemModstamp > 2026-01-31T12:00:00.000Z OR Id > '003xx0000000000001')"
              " AND (LastModifiedById != 'it\\'s me')"
              " ORDER BY SystemModstamp ASC, Id ASC LIMIT 7");
}

// A bulk load stamps thousands of records with the same moment; pages end in its midst.
TEST(salesforce_changes, gives_each_record_once_whatever_the_page_size) {
    std::vector<change> records;
    for (int i = 0; i < 50; ++i)
        records.push_back({id_of((i * 7) % 50), i % 3 == 0 ? "12:01:00" : "12:02:00"});
    for (const int limit : {1, 3, 7, 49, 50, 51}) {
        std::vector<std::string> seen;
        json input{{"limit", limit}};
        for (bool more = true; more;) {
            const call_result result = poll(records, input);
            ASSERT_TRUE(result.ok) << result.explain();
            for (const std::string& id : ids(result))
                seen.push_back(id);
            more = result.output.get_or("more", false);
            input.set("cursor", result.output["cursor"]);
            ASSERT_LE(seen.size(), records.size());
        }
        EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 50u) << limit;
        EXPECT_EQ(seen.size(), 50u) << limit;
        EXPECT_TRUE(ids(poll(records, input)).empty()) << limit;
    }
}

// The record of 12:09:50 is seen while another transaction, stamped 12:09:40, has not committed.
TEST(salesforce_changes, waits_for_transactions_that_commit_late) {
    const std::vector<change> before{{id_of(1), "12:09:20"}, {id_of(2), "12:09:50"}};
    const call_result first = poll(before, json::object());
    EXPECT_EQ(ids(first), std::vector<std::string>{id_of(1)});
    EXPECT_FALSE(first.output.get_or("more", true));
    std::vector<change> after = before;
    after.push_back({id_of(3), "12:09:40"});
    const json next{{"cursor", first.output["cursor"]}};
    EXPECT_EQ(ids(poll(after, next, "Sat, 31 Jan 2026 12:11:00 GMT")),
              (std::vector<std::string>{id_of(3), id_of(2)}));
    EXPECT_EQ(ids(poll(before, json{{"settleSeconds", 0}})).size(), 2u);
    EXPECT_EQ(ids(poll(before, json{{"settleSeconds", 3600}})).size(), 0u);
}

TEST(salesforce_changes, settles_across_midnight_and_says_when_it_cannot) {
    const std::vector<change> records{{id_of(1), "23:59:20"}, {id_of(2), "23:59:40"}};
    EXPECT_EQ(ids(poll(records, json::object(), "Sun, 01 Feb 2026 00:00:05 GMT")),
              std::vector<std::string>{id_of(1)});
    const call_result undated = poll(records, json::object(), "");
    EXPECT_EQ(ids(undated).size(), 2u);
    ASSERT_EQ(undated.log.size(), 1u);
    EXPECT_EQ(undated.log[0].level, static_cast<std::uint32_t>(SLUICE_LOG_WARNING));
}

TEST(salesforce_changes, tells_new_records_from_changed_and_deleted_ones) {
    const std::vector<change> records{{id_of(1), "12:05:00", "12:05:00"},
                                      {id_of(2), "12:05:00", "12:01:00"},
                                      {id_of(3), "12:05:00", "12:03:00"},
                                      {id_of(4), "12:06:00", "12:05:30", true}};
    const json input{{"cursor", "2026-01-31T12:02:00Z"}, {"includeDeleted", true}};
    const call_result result = poll(records, input);
    std::vector<std::string> kinds;
    for (const json& item : result.output["items"].items())
        kinds.push_back(item.get_or("change", ""));
    EXPECT_EQ(kinds, (std::vector<std::string>{"created", "updated", "created", "deleted"}));
    EXPECT_EQ(result.output["items"][0]["record"].get_or("Id", ""), id_of(1));
    EXPECT_EQ(result.output["items"][0].get_or("at", ""), stamp("12:05:00"));
}

TEST(salesforce_changes, begins_where_it_is_told) {
    const std::vector<change> records{{id_of(1), "12:01:00"}, {id_of(2), "12:02:00"}};
    EXPECT_EQ(ids(poll(records, json{{"since", "2026-01-31T12:02:00Z"}})),
              std::vector<std::string>{id_of(2)});
    const call_result none = poll({}, json{{"since", "2026-01-31T12:02:00Z"}});
    EXPECT_EQ(none.output.get_or("cursor", ""), "2026-01-31T12:02:00Z");
    EXPECT_TRUE(poll({}, json::object()).output["cursor"].is_null());
}

TEST(salesforce_changes, goes_on_when_salesforce_makes_the_pages_shorter) {
    mock_host host(sluice_connector_v1);
    const std::string body = R"({"done": false, "nextRecordsUrl": "/services/data/v65.0/query/x",
        "records": [{"Id": "003xx0000000000001", "SystemModstamp": "2026-01-31T12:00:00.000+0000",
                     "CreatedDate": "2026-01-31T12:00:00.000+0000"}]})";
    host.on("GET", base + "*").reply(200, body, {{"Date", now}});
    const call_result result = host.run("listChanges", json{{"object", "Contact"}}, connection());
    EXPECT_TRUE(result.output.get_or("more", false)) << result.explain();
}

TEST(salesforce_changes, refuses_what_would_change_the_query) {
    mock_host host(sluice_connector_v1);
    const json bad[] = {
        json{{"object", "Contact WHERE Id != null"}},
        json{{"object", "Contact"}, {"fields", json::array({"Name FROM User"})}},
        json{{"object", "Contact"}, {"fields", "Name"}},
        json{{"object", "Contact"}, {"cursor", "2026-01-31T12:00:00Z|x' OR Id != '"}},
        json{{"object", "Contact"}, {"cursor", "now"}},
        json{{"object", "Contact"}, {"since", "yesterday"}},
        json{{"object", "Contact"}, {"where", "Name = :x"}},
        json{{"object", "Contact"}, {"limit", 2001}},
        json{{"object", "Contact"}, {"settleSeconds", -1}},
    };
    for (const json& input : bad) {
        EXPECT_EQ(host.run("listChanges", input, connection()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

}  // namespace
}  // namespace sluice::salesforce::testing
