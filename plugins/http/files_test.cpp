#include "http_testing.hpp"

namespace sluice::http::testing {
namespace {

TEST(http_files, a_download_goes_to_a_file_with_its_name) {
    const struct {
        const char* disposition;
        json name;
    } names[] = {{"attachment; filename=\"a report.pdf\"", json("a report.pdf")},
                 {"attachment; FileName=r.pdf; size=3", json("r.pdf")},
                 {R"(attachment; filename="a\"b.pdf")", json("a\"b.pdf")},
                 {R"(attachment; filename="../../etc/passwd")", json("passwd")},
                 {R"(attachment; filename="..")", json()},
                 {"inline", json()},
                 {"", json()}};
    for (const auto& one : names) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + "/r")
            .reply(200, "%PDF",
                   {{"Content-Type", "application/pdf"}, {"Content-Disposition", one.disposition}});
        const call_result result = host.run("downloadFile", json{{"path", "/r"}}, with_bearer());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(host.blob_bytes(result.output["file"]), "%PDF");
        EXPECT_EQ(result.output["name"], one.name) << one.disposition;
    }
}

TEST(http_files, a_refused_download_says_why) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base).reply(403, R"({"message":"not yours"})", as_json);
    const call_result result = host.run("downloadFile", json::object(), with_bearer());
    EXPECT_EQ(result.error.code, SLUICE_AUTH);
    EXPECT_NE(result.error.message.find("not yours"), std::string::npos);
    EXPECT_EQ(result.error.http_status, 403u);
    EXPECT_TRUE(result.problems.empty()) << result.explain();
}

TEST(http_files, an_upload_is_the_body_as_it_is) {
    mock_host host(sluice_connector_v1);
    host.on("PUT", base + "/d/7").reply(201, R"({"id":7})", as_json);
    const json file = host.add_blob("application/pdf", "%PDF");
    const call_result result =
        host.run("uploadFile", json{{"file", file}, {"path", "/d/7"}}, with_bearer());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["body"]["id"], json(7));
    EXPECT_EQ(host.requests().at(0).body, "%PDF");
    EXPECT_EQ(host.requests().at(0).header("Content-Type"), "application/pdf");
}

TEST(http_files, an_upload_in_a_form_has_its_fields_first_and_is_the_same_in_each_try) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base).reply(200, "");
    std::string bytes(700'001, 'x');
    bytes[650'000] = '\0';
    const json file = host.add_blob("text/csv", bytes);
    const json input{
        {"file", file},
        {"as", "multipart"},
        {"field", "upload"},
        {"fileName", "a\"b\r\nX: 1.csv"},
        {"contentType", "text/plain"},
        {"fields", json{{"title", "T"}, {"tag", json::array({"a", 2})}, {"no", json()}}}};
    for (int attempt = 0; attempt < 2; ++attempt) {
        const call_result result = host.run("uploadFile", input, with_bearer());
        ASSERT_TRUE(result.ok) << result.explain();
    }
    const recorded_request& sent = host.requests().at(0);
    const std::string type(sent.header("Content-Type"));
    const std::string start = "multipart/form-data; boundary=";
    ASSERT_TRUE(type.starts_with(start)) << type;
    const std::string line = "--" + type.substr(start.size());
    const auto field = [&](const std::string& name, const std::string& content) {
        return line + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" +
               content + "\r\n";
    };
    EXPECT_EQ(sent.body,
              field("title", "T") + field("tag", "a") + field("tag", "2") + line +
                  "\r\nContent-Disposition: form-data; name=\"upload\"; "
                  "filename=\"a%22b%0D%0AX: 1.csv\"\r\nContent-Type: text/plain\r\n\r\n" +
                  bytes + "\r\n" + line + "--\r\n");
    EXPECT_EQ(host.requests().at(1).body, sent.body);
    ASSERT_TRUE(host.run("uploadFile", input, with_bearer(), {.idempotency_key = "other"}).ok);
    EXPECT_NE(host.requests().at(2).header("Content-Type"), type) << "nobody can know it before";
}

TEST(http_files, an_empty_file_is_a_file) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base).reply(204, "");
    const json input{{"file", host.add_blob("", "")}, {"as", "multipart"}};
    ASSERT_TRUE(host.run("uploadFile", input, with_bearer()).ok);
    EXPECT_NE(
        host.requests().at(0).body.find("Content-Type: application/octet-stream\r\n\r\n\r\n--"),
        std::string::npos)
        << host.requests().at(0).body;
}

TEST(http_files, refuses_what_cannot_work_before_anything_is_sent) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", "a");
    for (const json& input :
         {json::object(), json{{"file", "b1"}}, json{{"file", json{{"$blob", "none"}}}},
          json{{"file", file}, {"as", "post"}}, json{{"file", file}, {"response", "file"}},
          json{{"file", file}, {"as", "multipart"}, {"fields", "a=b"}},
          json{{"file", file}, {"as", "multipart"}, {"fields", json{{"a", json::object()}}}},
          json{{"file", file}, {"as", "multipart"}, {"contentType", "a\r\nb"}},
          json{{"file", file}, {"contentType", "a\r\nb"}}, json{{"file", file}, {"expect", "x"}}}) {
        EXPECT_EQ(host.run("uploadFile", input, with_bearer()).error.code, SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

TEST(http_files, end_wherever_they_are_cancelled) {
    const unsigned uploading = cancel_everywhere([](mock_host& host, unsigned n) {
        host.on("POST", base).reply(200, "");
        const json file = host.add_blob("text/csv", std::string(600'000, 'x'));
        const json input{{"file", file}, {"as", "multipart"}};
        return host.run_cancelled_at(n, "uploadFile", input, with_bearer());
    });
    EXPECT_GE(uploading, 8u) << "each piece is read and written";
    const unsigned downloading = cancel_everywhere([](mock_host& host, unsigned n) {
        host.on("GET", base).reply(500, "no");
        return host.run_cancelled_at(n, "downloadFile", json::object(), with_bearer());
    });
    EXPECT_GE(downloading, 2u) << "the request, and the words of the refusal";
}

}  // namespace
}  // namespace sluice::http::testing
