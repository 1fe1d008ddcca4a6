// What the tests of the actions on a mailbox share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mail_testing.hpp"

namespace sluice::mail::testing {

inline const std::string examined =
    "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] ok\r\n* OK [UIDNEXT 13] next\r\nTAG OK [READ-ONLY] in\r\n";

inline std::string literal(const std::string& bytes) {
    return "{" + std::to_string(bytes.size()) + "}\r\n" + bytes;
}

// One message of a list: its header in two parts, as they are asked for.
inline std::string header_line(int uid, const std::string& header,
                               const std::string& recipients = "\r\n") {
    return "* 1 FETCH (UID " + std::to_string(uid) +
           " FLAGS (\\Seen) INTERNALDATE \"01-Feb-2026 08:00:00 +0000\" RFC822.SIZE 512 "
           "BODY[HEADER.FIELDS (DATE FROM SUBJECT MESSAGE-ID IN-REPLY-TO)]<0> " +
           literal(header) + " BODY[HEADER.FIELDS (TO CC)]<0> " + literal(recipients) + ")\r\n";
}

class imap_test : public ::testing::Test {
  protected:
    call_result run(const char* action, const json& input, std::vector<step> script) {
        scripted_server server({imap_login() + script});
        call_result result = host_.run(action, input, server.connection("imap"));
        host_.pass_time(3'600'000);  // closes what was kept, so that the server ends
        lines_ = server.lines();
        return result;
    }
    json output(const char* action, const json& input, std::vector<step> script) {
        const call_result result = run(action, input, std::move(script));
        EXPECT_TRUE(result.ok) << result.explain();
        return result.output;
    }
    call_result message(const std::string& bytes, const json& input = json{{"uid", 5}}) {
        return run("getMessage", input,
                   {{"TAG EXAMINE \"INBOX\"", examined},
                    {"TAG UID FETCH 5 (BODY.PEEK[])",
                     "* 1 FETCH (UID 5 BODY[] " + literal(bytes) + ")\r\nTAG OK done\r\n"}});
    }
    json parsed(const std::string& bytes) {
        const call_result result = message(bytes);
        EXPECT_TRUE(result.ok) << result.explain();
        return result.output;
    }

    mock_host host_{sluice_connector_v1};
    std::vector<std::string> lines_;
};

}  // namespace sluice::mail::testing
