#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const json look{{"path", "/a.txt"}};

call_result refuse(unsigned status, const std::string& body,
                   sluice::testing::header_list headers = {}) {
    mock_host host(sluice_connector_v1);
    host.on("POST", api_base + "*").reply(status, body, std::move(headers));
    return host.run("getMetadata", look, connection());
}

TEST(dropbox_errors, a_409_is_read_by_its_tags) {
    const std::pair<const char*, sluice_code> cases[] = {
        {"path/not_found", SLUICE_NOT_FOUND},
        {"path_lookup/not_found", SLUICE_NOT_FOUND},
        {"path/conflict/file", SLUICE_CONFLICT},
        {"to/conflict/folder", SLUICE_CONFLICT},
        {"shared_link_already_exists", SLUICE_CONFLICT},
        {"path/locked", SLUICE_CONFLICT},
        {"reset", SLUICE_CONFLICT},
        {"lookup_failed/incorrect_offset", SLUICE_CONFLICT},
        {"path/no_write_permission", SLUICE_AUTH},
        {"access_denied", SLUICE_AUTH},
        {"path/restricted_content", SLUICE_AUTH},
        {"settings_error/not_authorized", SLUICE_AUTH},
        {"too_many_write_operations", SLUICE_RATE_LIMITED},
        {"path/too_many_write_operations", SLUICE_RATE_LIMITED},
        {"internal_error", SLUICE_UNAVAILABLE},
        {"content_hash_mismatch", SLUICE_UNAVAILABLE},
        {"path/insufficient_space", SLUICE_INVALID_INPUT},
        {"path/malformed_path", SLUICE_INVALID_INPUT},
        {"path/disallowed_name", SLUICE_INVALID_INPUT},
        {"path/not_file", SLUICE_INVALID_INPUT},
        {"too_many_files", SLUICE_INVALID_INPUT},
        {"something_new", SLUICE_INVALID_INPUT},
        {"not_found_at_all", SLUICE_INVALID_INPUT},
    };
    for (const auto& [tags, code] : cases) {
        const call_result result = refuse(409, refused(tags));
        EXPECT_EQ(result.error.code, code) << tags << ": " << result.explain();
        EXPECT_NE(result.error.message.find(tags), std::string::npos) << result.error.message;
        EXPECT_EQ(result.error.http_status, 409u);
        EXPECT_EQ(result.error.retry_after_ms != 0, code == SLUICE_RATE_LIMITED) << tags;
    }
}

TEST(dropbox_errors, dropboxs_own_words_are_in_the_details) {
    const call_result result =
        refuse(409, refused("path/not_found"), {{"X-Dropbox-Request-Id", "r1"}});
    EXPECT_EQ(result.error.details["error_summary"], json("path/not_found/."));
    EXPECT_EQ(result.error.details["error"][".tag"], json("path"));
    EXPECT_EQ(result.error.details["requestId"], json("r1"));
}

TEST(dropbox_errors, a_token_that_can_be_renewed_is_told_from_one_that_may_not) {
    for (const char* tags : {"expired_access_token", "invalid_access_token"}) {
        const call_result result = refuse(401, refused(tags));
        EXPECT_EQ(result.error.code, SLUICE_AUTH);
        EXPECT_EQ(result.error.http_status, 401u) << tags;
    }
    for (const char* tags : {"missing_scope", "user_suspended", "route_access_denied"}) {
        const call_result result = refuse(401, refused(tags));
        EXPECT_EQ(result.error.code, SLUICE_AUTH);
        EXPECT_NE(result.error.http_status, 401u) << tags;
    }
    EXPECT_EQ(refuse(401, "").error.http_status, 401u);
    EXPECT_EQ(refuse(403, refused("no_permission")).error.code, SLUICE_AUTH);
}

TEST(dropbox_errors, a_limit_says_how_long_to_wait) {
    const std::string body =
        R"({"error_summary": "too_many_requests/..", "error": {"reason": {".tag": "too_many_requests"}, "retry_after": 7}})";
    EXPECT_EQ(refuse(429, body, {{"Retry-After", "15"}}).error.retry_after_ms, 15'000u);
    EXPECT_EQ(refuse(429, body).error.retry_after_ms, 7'000u);
    // Seen in practice: no body, or one that is no JSON.
    EXPECT_EQ(refuse(429, "").error.retry_after_ms, 1'000u);
    EXPECT_EQ(refuse(429, "slow down").error.code, SLUICE_RATE_LIMITED);
    const call_result busy = refuse(503, "", {{"Retry-After", "30"}});
    EXPECT_EQ(busy.error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(busy.error.retry_after_ms, 30'000u);
}

TEST(dropbox_errors, a_request_that_dropbox_cannot_read_is_refused_in_its_words) {
    const call_result result = refuse(400, "Error in call to API function: request body: path",
                                      {{"Content-Type", "text/plain; charset=utf-8"}});
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(result.error.message.find("request body: path"), std::string::npos);
    EXPECT_EQ(refuse(422, "{}").error.code, SLUICE_INVALID_INPUT);
    const call_result garbage = refuse(400, "\xFF\xFE\x80", {{"Content-Type", "text/plain"}});
    EXPECT_EQ(garbage.error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(garbage.problems.empty()) << garbage.explain();
}

TEST(dropbox_errors, huge_refusals_make_short_messages) {
    const call_result result =
        refuse(409, json{{"error_summary", std::string(100'000, 'x')}}.dump());
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
    EXPECT_LT(result.error.message.size(), 600u);
}

}  // namespace
}  // namespace sluice::dropbox::testing
