// The list of new messages in mailboxes of any size, with messages of any kind.
#include "imap_testing.hpp"

namespace sluice::mail::testing {
namespace {

const std::string found_none = "* SEARCH\r\nTAG OK done\r\n";

// A folder whose newest message has this UID.
std::string newest_is(std::uint64_t uid) {
    return "* OK [UIDVALIDITY 77] ok\r\n* OK [UIDNEXT " + std::to_string(uid + 1) +
           "] next\r\nTAG OK in\r\n";
}

std::string found_from_to(int first, int last) {
    std::string line = "* SEARCH";
    for (int uid = first; uid <= last; ++uid)
        line += " " + std::to_string(uid);
    return line + "\r\nTAG OK done\r\n";
}

using list_test = imap_test;

TEST_F(list_test, a_large_mailbox_is_looked_through_in_windows) {
    const json input{{"cursor", "77.0"}, {"limit", 2}};
    const json first =
        output("listNewMessages", input,
               {{"TAG EXAMINE", newest_is(20'000)},
                {"TAG UID SEARCH UID 1:5000", found_from_to(1, 5'000)},
                {"TAG UID FETCH 1,2 ",
                 header_line(1, "\r\n") + header_line(2, "\r\n") + "TAG OK done\r\n"}});
    EXPECT_EQ(first["items"].size(), 2u);
    EXPECT_EQ(first["cursor"], json("77.2"));
    EXPECT_EQ(first["more"], json(true));

    // 32 bits in each UID: the longest line that a window can make.
    const json high = output(
        "listNewMessages", json{{"cursor", "77.4294950000"}, {"limit", 1}},
        {{"TAG EXAMINE", newest_is(4'294'960'000)},
         {"TAG UID SEARCH UID 4294950001:4294955000", found_none},
         {"TAG UID SEARCH UID 4294955001:4294960000", "* SEARCH 4294960000\r\nTAG OK done\r\n"},
         {"TAG UID FETCH 4294960000 ", "TAG OK done\r\n"}});
    EXPECT_EQ(high["cursor"], json("77.4294960000"));
    EXPECT_EQ(high["more"], json(false));
}

TEST_F(list_test, a_call_ends_after_many_empty_windows_and_the_next_one_goes_on) {
    std::vector<step> script{{"TAG EXAMINE", newest_is(1'000'001)}};
    for (int i = 0; i < 200; ++i)
        script.push_back({"TAG UID SEARCH UID", found_none});
    const json none = output("listNewMessages", json{{"start", "beginning"}}, script);
    EXPECT_TRUE(none["items"].empty());
    EXPECT_EQ(none["cursor"], json("77.1000000"));
    EXPECT_EQ(none["more"], json(true));
    const json last =
        output("listNewMessages", json{{"cursor", none["cursor"]}},
               {{"TAG EXAMINE", newest_is(1'000'001)},
                {"TAG UID SEARCH UID 1000001:1000001", "* SEARCH 1000001\r\nTAG OK done\r\n"},
                {"TAG UID FETCH 1000001 ", header_line(1'000'001, "\r\n") + "TAG OK done\r\n"}});
    EXPECT_EQ(last["items"].size(), 1u);
    EXPECT_EQ(last["more"], json(false));
}

TEST_F(list_test, a_server_that_tells_no_next_uid_is_asked_for_its_last_one) {
    const std::string folder = "* OK [UIDVALIDITY 77] ok\r\nTAG OK in\r\n";
    const json now = output("listNewMessages", json::object(),
                            {{"TAG EXAMINE", folder},
                             {"TAG UID FETCH * (UID)", "* 3 FETCH (UID 12)\r\nTAG OK done\r\n"}});
    EXPECT_EQ(now["cursor"], json("77.12"));
    const json empty =
        output("listNewMessages", json{{"cursor", "77.0"}},
               {{"TAG EXAMINE", folder}, {"TAG UID FETCH * (UID)", "TAG OK done\r\n"}});
    EXPECT_EQ(empty["cursor"], json("77.0"));
}

// It may refuse to be asked for the last message of none.
TEST_F(list_test, an_empty_folder_of_a_server_that_tells_no_next_uid) {
    const std::string empty = "* 0 EXISTS\r\n* OK [UIDVALIDITY 77] ok\r\nTAG OK in\r\n";
    const std::string one = "* 1 EXISTS\r\n* OK [UIDVALIDITY 77] ok\r\nTAG OK in\r\n";
    const auto page = [&](const json& input, const std::vector<step>& script) {
        json found = output("listNewMessages", input, script);
        EXPECT_EQ(found["more"], json(false));
        return found;
    };
    const json none = page(json::object(), {{"TAG EXAMINE", empty}});
    EXPECT_TRUE(none["items"].empty());
    const json still_none = page(json{{"cursor", none["cursor"]}}, {{"TAG EXAMINE", empty}});
    EXPECT_EQ(still_none["cursor"], none["cursor"]);

    // The first one that comes, with whatever UID.
    const json first = page(json{{"cursor", still_none["cursor"]}},
                            {{"TAG EXAMINE", one},
                             {"TAG UID FETCH * (UID)", "* 1 FETCH (UID 12)\r\nTAG OK done\r\n"},
                             {"TAG UID SEARCH UID 1:12", "* SEARCH 12\r\nTAG OK done\r\n"},
                             {"TAG UID FETCH 12 ", header_line(12, "\r\n") + "TAG OK done\r\n"}});
    ASSERT_EQ(first["items"].size(), 1u);
    EXPECT_EQ(first["cursor"], json("77.12"));

    // It is moved away: the folder is empty again, and what came before does not come twice.
    const json again = page(json{{"cursor", "77.12"}}, {{"TAG EXAMINE", empty}});
    EXPECT_EQ(again["cursor"], json("77.12"));
    const json next = page(json{{"cursor", again["cursor"]}},
                           {{"TAG EXAMINE", one},
                            {"TAG UID FETCH * (UID)", "* 1 FETCH (UID 13)\r\nTAG OK done\r\n"},
                            {"TAG UID SEARCH UID 13:13", "* SEARCH 13\r\nTAG OK done\r\n"},
                            {"TAG UID FETCH 13 ", header_line(13, "\r\n") + "TAG OK done\r\n"}});
    ASSERT_EQ(next["items"].size(), 1u);
    EXPECT_EQ(next["items"][0]["uid"], json(13));
    EXPECT_EQ(next["cursor"], json("77.13"));
}

TEST_F(list_test, a_message_to_very_many_people_stops_nobody) {
    // As the server cuts it: 8 KiB, in the middle of an address.
    std::string to = "To: ";
    while (to.size() < 8'192)
        to += "somebody" + std::to_string(to.size()) + "@example.com, ";
    to.resize(8'192 - 9);
    to += ", x@exam";
    to.resize(8'192, 'p');
    const std::string about = "Subject: To all\r\nMessage-ID: <all@example.com>\r\n\r\n";
    const json found =
        output("listNewMessages", json{{"cursor", "77.10"}},
               {{"TAG EXAMINE", newest_is(13)},
                {"TAG UID SEARCH UID 11:13", "* SEARCH 11 12 13\r\nTAG OK done\r\n"},
                {"TAG UID FETCH 11,12,13",
                 header_line(11, "Subject: one\r\n\r\n", "To: a@example.com\r\n\r\n") +
                     header_line(12, about, to) +
                     header_line(13, "Subject: three\r\n\r\n", "Cc: b@example.com\r\n\r\n") +
                     "TAG OK done\r\n"}});
    ASSERT_EQ(found["items"].size(), 3u);
    EXPECT_EQ(found["items"][0]["to"][0]["address"], json("a@example.com"));
    EXPECT_EQ(found["items"][1]["key"], json("all@example.com"));
    EXPECT_EQ(found["items"][1]["subject"], json("To all"));
    EXPECT_EQ(found["items"][1]["to"].size(), 100u);
    for (const json& each : found["items"][1]["to"].items())
        EXPECT_TRUE(each["address"].as_string().ends_with("@example.com")) << each.dump();
    EXPECT_EQ(found["items"][2]["cc"][0]["address"], json("b@example.com"));
    for (const std::string& line : lines_) {
        if (line.find("UID FETCH") == std::string::npos) continue;
        EXPECT_NE(line.find("(TO CC)]<0.8192>"), std::string::npos) << line;
        EXPECT_NE(line.find("IN-REPLY-TO)]<0.8192>"), std::string::npos) << line;
    }
}

TEST_F(list_test, a_page_that_grows_too_large_ends_early) {
    constexpr int messages = 700;
    std::string fetched;
    for (int uid = 1; uid <= messages; ++uid)
        fetched += header_line(uid, "Subject: " + std::string(8'000, 's') + "\r\n\r\n");
    const json found = output("listNewMessages", json{{"cursor", "77.0"}, {"limit", 1'000}},
                              {{"TAG EXAMINE", newest_is(messages)},
                               {"TAG UID SEARCH UID 1:700", found_from_to(1, messages)},
                               {"TAG UID FETCH ", fetched + "TAG OK done\r\n"}});
    EXPECT_LT(found.dump().size(), std::size_t{5} << 20);
    ASSERT_GT(found["items"].size(), 400u);
    ASSERT_LT(found["items"].size(), 700u);
    EXPECT_EQ(found["cursor"], json("77." + std::to_string(found["items"].size())));
    EXPECT_EQ(found["more"], json(true));
}

}  // namespace
}  // namespace sluice::mail::testing
