#include "folder_name.hpp"
#include "imap_testing.hpp"

namespace sluice::mail::testing {
namespace {

TEST_F(imap_test, lists_what_is_behind_the_cursor) {
    const std::string header =
        "From: =?utf-8?q?Gr=C3=B6=C3=9Fe?= <g@example.com>\r\nSubject: Order\r\n"
        "Date: Sun, 1 Feb 2026 09:00:00 +0100\r\nMessage-ID: <m1@example.com>\r\n\r\n";
    const json found =
        output("listNewMessages", json{{"cursor", "77.10"}},
               {{"TAG EXAMINE \"INBOX\"", examined},
                {"TAG UID SEARCH UID 11:12", "* SEARCH 12 11\r\nTAG OK done\r\n"},
                {"TAG UID FETCH 11,12", header_line(12, "Subject: none\r\n\r\n") +
                                            header_line(11, header) + "TAG OK done\r\n"}});
    ASSERT_EQ(found["items"].size(), 2u);
    const json& first = found["items"][0];
    EXPECT_EQ(first["uid"], json(11));
    EXPECT_EQ(first["uidValidity"], json(77));
    EXPECT_EQ(first["subject"], json("Order"));
    EXPECT_EQ(first["from"]["name"], json("Größe"));
    EXPECT_EQ(first["date"], json("2026-02-01T08:00:00Z"));
    EXPECT_EQ(first["size"], json(512));
    EXPECT_EQ(first["flags"], json::array({json("\\Seen")}));
    EXPECT_EQ(first["key"], json("m1@example.com"));
    EXPECT_EQ(found["items"][1]["key"], json("77.12"));
    EXPECT_EQ(found["cursor"], json("77.12"));
    EXPECT_EQ(found["more"], json(false));
}

TEST_F(imap_test, where_nothing_is_new_nothing_is_searched) {
    const json found =
        output("listNewMessages", json{{"cursor", "77.12"}}, {{"TAG EXAMINE", examined}});
    EXPECT_TRUE(found["items"].empty());
    EXPECT_EQ(found["cursor"], json("77.12"));
    EXPECT_EQ(found["more"], json(false));
}

TEST_F(imap_test, begins_with_what_comes_from_now_on_or_with_everything) {
    const json now = output("listNewMessages", json::object(), {{"TAG EXAMINE", examined}});
    EXPECT_EQ(now["cursor"], json("77.12"));
    const json all = output("listNewMessages", json{{"start", "beginning"}, {"unseenOnly", true}},
                            {{"TAG EXAMINE", examined},
                             {"TAG UID SEARCH UID 1:12 UNSEEN", "* SEARCH\r\nTAG OK done\r\n"}});
    EXPECT_EQ(all["cursor"], json("77.12"));
}

TEST_F(imap_test, a_folder_that_was_made_anew_is_listed_from_its_beginning) {
    const json found = output(
        "listNewMessages", json{{"cursor", "76.400"}},
        {{"TAG EXAMINE", examined}, {"TAG UID SEARCH UID 1:12", "* SEARCH\r\nTAG OK done\r\n"}});
    EXPECT_EQ(found["cursor"], json("77.12"));
}

TEST_F(imap_test, a_list_has_pages) {
    const json found = output("listNewMessages", json{{"cursor", "77.0"}, {"limit", 1}},
                              {{"TAG EXAMINE", examined},
                               {"TAG UID SEARCH", "* SEARCH 3 4 5\r\nTAG OK done\r\n"},
                               {"TAG UID FETCH 3 ", header_line(3, "\r\n") + "TAG OK done\r\n"}});
    EXPECT_EQ(found["items"].size(), 1u);
    EXPECT_EQ(found["cursor"], json("77.3"));
    EXPECT_EQ(found["more"], json(true));
}

TEST_F(imap_test, takes_a_message_apart) {
    const json found = parsed(
        "From: Ada <ada@example.com>\r\nTo: b@example.com, C <c@example.com>\r\n"
        "Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\nX-One: 1\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=xx\r\n\r\n"
        "--xx\r\nContent-Type: text/plain; charset=windows-1252\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n80 =80\r\n"
        "--xx\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>hi</p>\r\n"
        "--xx\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename*=utf-8''..%2Fgr%C3%B6%C3%9Fe.pdf\r\n\r\n"
        "AAEC\r\n--xx--\r\n");
    EXPECT_EQ(found["subject"], json("Grüße"));
    EXPECT_EQ(found["to"].size(), 2u);
    EXPECT_EQ(found["headers"]["x-one"], json("1"));
    EXPECT_NE(found["text"].as_string().find("80 €"), std::string::npos) << found["text"].dump();
    EXPECT_NE(found["html"].as_string().find("<p>hi</p>"), std::string::npos);
    ASSERT_EQ(found["attachments"].size(), 1u);
    EXPECT_EQ(found["attachments"][0]["name"], json("größe.pdf"));
    EXPECT_EQ(host_.blob_bytes(found["attachments"][0]["file"]), std::string("\0\1\2", 3));
    EXPECT_EQ(found["truncated"], json(false));
}

TEST_F(imap_test, broken_messages_are_read_as_far_as_they_go) {
    for (const char* nothing : {"", "no header at all"}) {
        const call_result result = message(nothing);
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    }
    const json cut = parsed(
        "Subject: cut\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n"
        "--xx\r\nContent-Type: text/plain\r\n\r\nhalf");
    EXPECT_EQ(cut["subject"], json("cut"));
    EXPECT_NE(cut["text"].as_string().find("half"), std::string::npos);
    const json foreign = parsed(
        "Subject: \xFF\xFE\r\nContent-Type: text/plain; charset=nonsense\r\n"
        "\r\n\xC3\x28\xFF\r\n");
    EXPECT_TRUE(foreign["text"].is_string());
}

TEST_F(imap_test, deep_nesting_ends_and_says_that_something_is_left_out) {
    std::string bytes = "Subject: deep\r\n";
    for (int level = 0; level < 5'000; ++level) {
        const std::string boundary = "b" + std::to_string(level);
        bytes += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary +
                 "\r\n";
    }
    bytes += "Content-Type: text/plain\r\n\r\nbottom\r\n";
    const json found = parsed(bytes);
    EXPECT_EQ(found["subject"], json("deep"));
    EXPECT_EQ(found["truncated"], json(true));
}

TEST_F(imap_test, texts_are_cut_at_their_limit) {
    const json found = parsed("Content-Type: text/plain\r\n\r\n" + std::string(3 << 20, 'x'));
    EXPECT_EQ(found["text"].size(), std::size_t{2} << 20);
    EXPECT_EQ(found["truncated"], json(true));
}

TEST_F(imap_test, what_stands_in_headers_is_one_line_however_it_was_folded) {
    const call_result result = message(
        "From: =?utf-8?Q?Ada=0AB?= <ada@mail.test>\r\nSubject: A long one\r\n\tin the next line\r\n"
        "X-Word: =?utf-8?Q?one=0D=0Atwo?=\r\n\r\nbody\r\n",
        json{{"uid", 5}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("subject", ""), "A long one in the next line");
    EXPECT_EQ(result.output["from"].get_or("name", ""), "Ada B");
    EXPECT_EQ(result.output["headers"].get_or("x-word", ""), "one  two");
}

TEST_F(imap_test, the_message_as_it_came) {
    const std::string bytes = "Subject: raw\r\n\r\nbody\r\n";
    const call_result result = message(bytes, json{{"uid", 5}, {"raw", true}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host_.blob_bytes(result.output["file"]), bytes);
}

TEST_F(imap_test, a_message_that_is_not_there) {
    const call_result result =
        run("getMessage", json{{"uid", 5}},
            {{"TAG EXAMINE", examined}, {"TAG UID FETCH", "TAG OK done\r\n"}});
    ASSERT_FALSE(result.ok);
    EXPECT_EQ(result.error.code, SLUICE_NOT_FOUND) << result.explain();
}

TEST_F(imap_test, a_uid_of_an_earlier_folder_takes_no_other_message) {
    const call_result result =
        run("deleteMessage", json{{"uid", 5}, {"uidValidity", 76}}, {{"TAG SELECT", examined}});
    ASSERT_FALSE(result.ok);
    EXPECT_EQ(result.error.code, SLUICE_CONFLICT) << result.explain();
    for (const std::string& line : lines_)
        EXPECT_EQ(line.find("STORE"), std::string::npos) << line;
}

TEST_F(imap_test, moves_a_message) {
    const json found =
        output("moveMessage", json{{"uid", 5}, {"to", "Größe & mehr"}},
               {{"TAG SELECT", examined},
                {"TAG UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK done\r\n"},
                {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1 MOVE UIDPLUS\r\nTAG OK done\r\n"},
                {"TAG UID MOVE 5 \"Gr&APYA3w-e &- mehr\"", "TAG OK done\r\n"}});
    EXPECT_EQ(found["moved"], json(true));
}

TEST_F(imap_test, moves_a_message_without_the_extension) {
    output("moveMessage", json{{"uid", 5}, {"to", "Done"}},
           {{"TAG SELECT", examined},
            {"TAG UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK done\r\n"},
            {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS\r\nTAG OK done\r\n"},
            {"TAG UID COPY 5 \"Done\"", "TAG OK done\r\n"},
            {"TAG UID STORE 5 +FLAGS.SILENT (\\Deleted)", "TAG OK done\r\n"},
            {"TAG UID EXPUNGE 5", "TAG OK done\r\n"}});
}

TEST_F(imap_test, without_uidplus_nothing_is_removed_that_others_have_marked) {
    const std::vector<step> script{{"TAG SELECT", examined},
                                   {"TAG UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK done\r\n"},
                                   {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"}};
    for (const char* action : {"moveMessage", "deleteMessage"}) {
        const call_result result = run(action, json{{"uid", 5}, {"to", "Done"}}, script);
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_UNSUPPORTED) << result.explain();
    }
}

// The server moves it, its answer is lost, the step comes again.
TEST_F(imap_test, a_repeated_move_finds_its_work_done) {
    const json input{{"uid", 5}, {"to", "Done"}};
    const std::vector<step> gone{{"TAG SELECT", examined},
                                 {"TAG UID SEARCH", "* SEARCH\r\nTAG OK done\r\n"}};
    const call_result first =
        run("moveMessage", input,
            {{"TAG SELECT", examined},
             {"TAG UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK done\r\n"},
             {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1 MOVE\r\nTAG OK done\r\n"},
             {"TAG UID MOVE 5", "", true}});
    EXPECT_EQ(first.error.code, SLUICE_UNAVAILABLE) << first.explain();
    EXPECT_EQ(output("moveMessage", input, gone), (json{{"moved", true}}));
    EXPECT_EQ(output("moveMessage", input, gone), (json{{"moved", true}}));
    scripted_server server({imap_login() + gone});
    sluice::testing::call_options options;
    options.idempotency_key = "another step";
    EXPECT_EQ(host_.run("moveMessage", input, server.connection("imap"), options).error.code,
              SLUICE_NOT_FOUND);
    host_.pass_time(3'600'000);
}

TEST_F(imap_test, a_move_that_was_refused_is_not_remembered) {
    const json input{{"uid", 5}, {"to", "Done"}};
    const call_result first =
        run("moveMessage", input,
            {{"TAG SELECT", examined},
             {"TAG UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK done\r\n"},
             {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1 MOVE\r\nTAG OK done\r\n"},
             {"TAG UID MOVE 5", "TAG NO [TRYCREATE] no such folder\r\n"}});
    EXPECT_EQ(first.error.code, SLUICE_NOT_FOUND) << first.explain();
    const call_result again =
        run("moveMessage", input,
            {{"TAG SELECT", examined}, {"TAG UID SEARCH", "* SEARCH\r\nTAG OK done\r\n"}});
    EXPECT_EQ(again.error.code, SLUICE_NOT_FOUND) << again.explain();
}

TEST_F(imap_test, what_is_gone_already) {
    const std::vector<step> gone{{"TAG SELECT", examined},
                                 {"TAG UID SEARCH", "* SEARCH\r\nTAG OK done\r\n"}};
    const json input{{"uid", 5}, {"to", "Done"}};
    EXPECT_EQ(run("moveMessage", input, gone).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(output("moveMessage", json{{"uid", 5}, {"to", "Done"}, {"missingOk", true}}, gone),
              (json{{"moved", false}}));
    EXPECT_EQ(output("deleteMessage", json{{"uid", 5}}, gone), (json{{"deleted", false}}));
    EXPECT_EQ(run("setFlags", json{{"uid", 5}, {"seen", true}}, gone).error.code, SLUICE_NOT_FOUND);
}

TEST_F(imap_test, marks_a_message) {
    output("setFlags", json{{"uid", 5}, {"seen", true}, {"flagged", false}},
           {{"TAG SELECT", examined},
            {"TAG UID SEARCH", "* SEARCH 5\r\nTAG OK done\r\n"},
            {"TAG UID STORE 5 +FLAGS.SILENT (\\Seen)", "TAG OK done\r\n"},
            {"TAG UID STORE 5 -FLAGS.SILENT (\\Flagged)", "TAG OK done\r\n"}});
}

TEST_F(imap_test, lists_folders) {
    const json found = output("listFolders", json::object(),
                              {{"TAG LIST",
                                "* LIST () \"/\" \"INBOX\"\r\n"
                                "* LIST (\\HasNoChildren) \"/\" Gr&APYA3w-e\r\n"
                                "* LIST () \"/\" {4}\r\na\\\"b\r\nTAG OK done\r\n"}});
    EXPECT_EQ(found["items"], json::array({json("Größe"), json("INBOX"), json("a\\\"b")}));
}

TEST_F(imap_test, what_the_server_says_decides_about_another_try) {
    const std::pair<const char*, sluice_code> answers[] = {
        {"TAG NO [NONEXISTENT] no such folder\r\n", SLUICE_NOT_FOUND},
        {"TAG NO [UNAVAILABLE] later\r\n", SLUICE_UNAVAILABLE},
        {"TAG NO [LIMIT] too much\r\n", SLUICE_RATE_LIMITED},
        {"TAG NO [NOPERM] not yours\r\n", SLUICE_AUTH},
        {"TAG NO whatever\r\n", SLUICE_INVALID_INPUT},
        {"TAG BAD what?\r\n", SLUICE_INTERNAL},
        {"* BYE too long\r\n", SLUICE_UNAVAILABLE},
        {"* (((\r\n", SLUICE_UNAVAILABLE},
        {"* \"open\r\n", SLUICE_UNAVAILABLE}};
    for (const auto& [answer, code] : answers) {
        const call_result result =
            run("listNewMessages", json{{"cursor", "1.1"}}, {{"TAG EXAMINE", answer}});
        ASSERT_FALSE(result.ok) << answer;
        EXPECT_EQ(result.error.code, code) << answer << result.explain();
    }
}

TEST_F(imap_test, hang_ups_are_worth_another_try_wherever_they_come) {
    std::vector<step> whole =
        imap_login() +
        std::vector<step>{{"TAG EXAMINE", examined},
                          {"TAG UID FETCH", "* 1 FETCH (UID 5 BODY[] {1000}\r\nonly the beginn"}};
    for (std::size_t steps = 1; steps <= whole.size(); ++steps) {
        std::vector<step> script(whole.begin(), whole.begin() + static_cast<long>(steps));
        if (steps < whole.size()) script.back().answer = "";
        script.back().hang_up = true;
        scripted_server server({script});
        const call_result result =
            host_.run("getMessage", json{{"uid", 5}}, server.connection("imap"));
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << steps << result.explain();
    }
}

TEST_F(imap_test, answers_that_are_too_large_are_refused) {
    const call_result result =
        run("listFolders", json::object(), {{"TAG LIST", "* LIST () \"/\" {999999999999}\r\n"}});
    ASSERT_FALSE(result.ok);
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    const call_result endless =
        run("listFolders", json::object(), {{"TAG LIST", std::string(100'000, 'x')}});
    ASSERT_FALSE(endless.ok);
    EXPECT_EQ(endless.error.code, SLUICE_UNAVAILABLE) << endless.explain();
}

TEST_F(imap_test, an_answer_without_end_is_given_up) {
    step endless{"TAG LIST", ""};
    endless.pieces = without_end;
    for (const char* piece : {"* LIST () \"/\" A\r\n", "\r\n"}) {
        endless.piece = piece;
        for (int i = 0; i < 7; ++i)
            endless.piece += endless.piece;  // fewer calls to send
        const call_result result = run("listFolders", json::object(), {endless});
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    }
}

TEST_F(imap_test, ends_when_it_is_cancelled_whatever_the_server_does) {
    step silent{"TAG LIST", ""};
    silent.then = [&] { host_.cancel_running(); };
    step talking = silent;
    talking.piece = "* OK still there\r\n";
    talking.pieces = without_end;
    step greeting{"", ""};
    greeting.then = silent.then;
    const std::vector<step> silent_from_the_beginning{greeting};
    for (const std::vector<step>& script :
         {imap_login() + std::vector<step>{silent}, imap_login() + std::vector<step>{talking},
          silent_from_the_beginning}) {
        scripted_server server({script});
        const call_result result =
            host_.run("listFolders", json::object(), server.connection("imap"));
        EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << result.explain();
        EXPECT_TRUE(result.problems.empty()) << result.explain();
    }
}

TEST_F(imap_test, a_server_that_is_silent_for_too_long_is_given_up) {
    for (const std::vector<step>& script :
         {imap_login() + std::vector<step>{{"TAG LIST", ""}},
          imap_login() + std::vector<step>{{"TAG LIST", "* LIST () \"/\" {10}\r\nhalf"}}}) {
        scripted_server server({script});
        json connection = server.connection("imap");
        connection.set("answerSeconds", 1);
        const call_result result = host_.run("listFolders", json::object(), connection);
        EXPECT_EQ(result.error.code, SLUICE_TIMEOUT) << result.explain();
    }
}

TEST_F(imap_test, a_login_that_is_refused_for_now_is_tried_again) {
    const std::pair<const char*, sluice_code> answers[] = {
        {"TAG NO [UNAVAILABLE] later\r\n", SLUICE_UNAVAILABLE},
        {"TAG NO [INUSE] locked\r\n", SLUICE_UNAVAILABLE},
        {"TAG NO [SERVERBUG] oh\r\n", SLUICE_UNAVAILABLE},
        {"TAG NO [LIMIT] too many\r\n", SLUICE_RATE_LIMITED},
        {"TAG NO [AUTHENTICATIONFAILED] wrong\r\n", SLUICE_AUTH},
        {"TAG NO wrong\r\n", SLUICE_AUTH}};
    for (const auto& [answer, code] : answers) {
        std::vector<step> script = imap_login();
        script.back().answer = answer;
        scripted_server server({script});
        const call_result result =
            host_.run("listFolders", json::object(), server.connection("imap"));
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, code) << answer << result.explain();
    }
}

TEST_F(imap_test, a_connection_is_used_again_while_it_lives) {
    const step list{"TAG LIST", "* LIST () \"/\" A\r\nTAG OK done\r\n"};
    // The first connection is asked whether it lives; it is gone then, and there is a new one.
    scripted_server server(
        {imap_login() +
             std::vector<step>{list, {"TAG NOOP", "TAG OK\r\n"}, list, {"TAG NOOP", "", true}},
         imap_login() + std::vector<step>{list}});
    const json connection = server.connection("imap");
    for (int call = 0; call < 3; ++call) {
        const call_result result = host_.run("listFolders", json::object(), connection);
        ASSERT_TRUE(result.ok) << call << result.explain();
        EXPECT_EQ(result.output["items"].size(), 1u);
    }
    host_.pass_time(3'600'000);
}

TEST_F(imap_test, refuses_bad_input) {
    const json nowhere{
        {"type", "imap"}, {"host", "127.0.0.1"}, {"port", 9}, {"username", "a"}, {"password", "b"}};
    const std::pair<const char*, json> wrong[] = {{"listNewMessages", json{{"cursor", "x"}}},
                                                  {"listNewMessages", json{{"limit", 0}}},
                                                  {"listNewMessages", json{{"start", "later"}}},
                                                  {"getMessage", json::object()},
                                                  {"getMessage", json{{"uid", 0}}},
                                                  {"moveMessage", json{{"uid", 1}}},
                                                  {"setFlags", json{{"uid", "1"}}},
                                                  {"deleteMessage", json{{"uid", -1}}}};
    for (const auto& [action, input] : wrong) {
        const call_result result = host_.run(action, input, nowhere);
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << action << result.explain();
    }
    const call_result smtp = host_.run("listFolders", json::object(), json{{"type", "smtp"}});
    EXPECT_EQ(smtp.error.code, SLUICE_INVALID_INPUT);
}

TEST(folder_name_test, names_of_any_script_there_and_back) {
    const std::pair<const char*, const char*> names[] = {
        {"INBOX", "INBOX"},
        {"Größe", "Gr&APYA3w-e"},
        {"a & b", "a &- b"},
        {"台北", "&U,BTFw-"},
        {"~peter/mail/日本語", "~peter/mail/&ZeVnLIqe-"},
        {"😀", "&2D3eAA-"}};
    for (const auto& [utf8, name] : names) {
        EXPECT_EQ(to_folder_name(utf8), name);
        EXPECT_EQ(from_folder_name(name), utf8);
    }
    for (const char* odd : {"&", "a&", "&!!-", "&AP-"})
        EXPECT_EQ(from_folder_name(odd), odd);
    for (const char* bad : {"", "a\r\nb", "\xFF"})
        EXPECT_THROW(to_folder_name(bad), failure);
    EXPECT_EQ(quoted("a\"b\\"), "\"a\\\"b\\\\\"");
}

}  // namespace
}  // namespace sluice::mail::testing
