#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

struct transfer : ::testing::Test {
    testing_server server;
    tcp_proxy proxy{server.port()};
    mock_host host{sluice_connector_v1};

    call_result download(const std::string& name) {
        return host.run("download", json{{"path", server.path(name)}}, connection(server, proxy));
    }
    json upload_input(const std::string& name, const std::string& bytes,
                      const char* overwrite = "fail") {
        return json{{"path", server.path(name)},
                    {"file", host.add_blob("text/csv", bytes)},
                    {"overwrite", overwrite}};
    }
    call_result upload(const json& input, const std::string& key = "key-1") {
        return host.run("upload", input, connection(server, proxy), step(key));
    }
};
using sftp_download = transfer;
using sftp_upload = transfer;

TEST_F(sftp_download, gives_files_of_all_sizes) {
    for (const std::size_t size : {0, 1, 32767, 32768, 32769, 262144, 5'000'001}) {
        const std::string bytes = some_bytes(size);
        server.write("a.csv", bytes);
        server.set_modified("a.csv", 1769860800);
        const json input{{"path", server.path("a.csv")}, {"contentType", "text/csv"}};
        const call_result result = host.run("download", input, connection(server));
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_TRUE(host.blob_bytes(result.output["file"]) == bytes) << size;
        EXPECT_EQ(result.output["file"].get_or("contentType", ""), "text/csv");
        EXPECT_EQ(result.output["size"], json(size));
        EXPECT_EQ(result.output.get_or("modifiedAt", ""), "2026-01-31T12:00:00Z");
    }
}

TEST_F(sftp_download, goes_on_where_a_connection_broke) {
    const std::string bytes = some_bytes(6'000'000);
    server.write("a.bin", bytes);
    proxy.cut_after_down(2'000'000, 2);
    const call_result result = download("a.bin");
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(host.blob_bytes(result.output["file"]) == bytes);
    EXPECT_EQ(proxy.connections(), 3);
}

TEST_F(sftp_download, gives_up_when_there_is_no_progress) {
    server.write("a.bin", some_bytes(6'000'000));
    proxy.cut_after_down(20'000, 100);
    const call_result result = download("a.bin");
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
    EXPECT_EQ(proxy.connections(), 3);
}

TEST_F(sftp_download, ends_in_time_when_the_server_hangs) {
    server.write("a.bin", some_bytes(6'000'000));
    proxy.stall_after_down(1'000'000);
    json connection = testing::connection(server, proxy);
    connection.set("timeoutSeconds", 1);
    const call_result result =
        host.run("download", json{{"path", server.path("a.bin")}}, connection);
    EXPECT_EQ(result.error.code, SLUICE_TIMEOUT) << result.explain();
}

TEST_F(sftp_download, names_what_is_wrong) {
    EXPECT_EQ(download("none").error.code, SLUICE_NOT_FOUND);
    server.make_folder("folder");
    EXPECT_EQ(download("folder").error.code, SLUICE_INVALID_INPUT);
    server.write("mine", "x");
    std::filesystem::permissions(server.path("mine"), std::filesystem::perms::none);
    const call_result result = download("mine");
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    EXPECT_NE(result.error.message.find("permission denied"), std::string::npos);
    EXPECT_EQ(result.error.details.get_or("sftpStatus", 0), 3);
}

TEST_F(sftp_download, can_be_cancelled_anywhere) {
    server.write("a.bin", some_bytes(2'000'000));
    const json input{{"path", server.path("a.bin")}};
    const unsigned operations = host.run("download", input, connection(server)).operations;
    EXPECT_GE(operations, 7u);
    for (unsigned at = 0; at <= operations; at += 2) {
        const call_result result = host.run_cancelled_at(at, "download", input, connection(server));
        EXPECT_TRUE(result.problems.empty()) << result.explain();
        if (!result.ok) {
            EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << result.explain();
        }
    }
}

TEST_F(sftp_upload, puts_files_of_all_sizes_and_leaves_nothing_else) {
    for (const std::size_t size : {0, 1, 204800, 204801, 3'000'000}) {
        const std::string bytes = some_bytes(size);
        const call_result result = upload(upload_input("a.csv", bytes, "replace"));
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_TRUE(server.read("a.csv") == bytes) << size;
        EXPECT_EQ(result.output["size"], json(size));
    }
    EXPECT_EQ(server.names(), std::vector<std::string>{"a.csv"});
}

TEST_F(sftp_upload, goes_on_where_a_connection_broke) {
    const std::string bytes = some_bytes(6'000'000);
    proxy.cut_after_up(2'500'000, 2);
    const call_result result = upload(upload_input("a.bin", bytes));
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(server.read("a.bin") == bytes);
    EXPECT_GT(result.output.get_or("resumedAt", 0), 2'000'000);
    EXPECT_EQ(proxy.connections(), 3);
    EXPECT_EQ(server.names(), std::vector<std::string>{"a.bin"});
}

TEST_F(sftp_upload, goes_on_in_a_repetition_and_only_of_its_own_step) {
    const std::string bytes = some_bytes(3'000'000);
    const json input = upload_input("a.bin", bytes);
    ASSERT_EQ(host.run_cancelled_at(2, "upload", input, connection(server, proxy), step("one"))
                  .error.code,
              SLUICE_CANCELLED);
    ASSERT_EQ(server.names().size(), 1u);
    const std::string part = server.names()[0];
    EXPECT_EQ(part.substr(0, 12), ".a.bin.part-");
    const call_result other = upload(input, "two");
    EXPECT_EQ(other.output.get_or("resumedAt", -1), 0) << other.explain();
    std::filesystem::remove(server.path("a.bin"));
    const call_result result = upload(input, "one");
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_GT(result.output.get_or("resumedAt", 0), 0);
    EXPECT_TRUE(server.read("a.bin") == bytes);
    EXPECT_FALSE(server.exists(part));
}

TEST_F(sftp_upload, begins_anew_when_the_part_is_longer_than_the_file) {
    const json input = upload_input("a.bin", some_bytes(3'000'000));
    ASSERT_FALSE(
        host.run_cancelled_at(2, "upload", input, connection(server, proxy), step("one")).ok);
    json shorter = upload_input("a.bin", "short");
    const call_result result = upload(shorter, "one");
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(server.read("a.bin"), "short");
}

TEST_F(sftp_upload, can_be_repeated_after_it_was_done) {
    for (const char* overwrite : {"fail", "replace"}) {
        const json input = upload_input(overwrite, some_bytes(300'000), overwrite);
        ASSERT_TRUE(upload(input).ok);
        const call_result again = upload(input);
        EXPECT_TRUE(again.ok) << overwrite << ": " << again.explain();
        EXPECT_TRUE(server.read(overwrite) == some_bytes(300'000));
    }
    EXPECT_EQ(server.names().size(), 2u);
}

TEST_F(sftp_upload, keeps_what_is_there_unless_told_otherwise) {
    server.write("a.csv", "theirs");
    for (const char* other : {"longer than theirs", "others"}) {
        const call_result result = upload(upload_input("a.csv", other));
        EXPECT_EQ(result.error.code, SLUICE_CONFLICT) << result.explain();
    }
    EXPECT_EQ(server.read("a.csv"), "theirs");
    EXPECT_TRUE(upload(upload_input("a.csv", "ours", "replace")).ok);
    EXPECT_EQ(server.read("a.csv"), "ours");
    EXPECT_EQ(server.names(), std::vector<std::string>{"a.csv"});
}

TEST_F(sftp_upload, makes_folders_when_asked_to) {
    json input{{"path", server.path("x/y/a.txt")}, {"text", "Ä\n"}};
    EXPECT_EQ(upload(input).error.code, SLUICE_NOT_FOUND);
    input.set("parents", true);
    const call_result result = upload(input);
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(server.read("x/y/a.txt"), "Ä\n");
}

TEST_F(sftp_upload, leaves_no_part_on_a_full_disk) {
    const testing_server full({.largest_file = 500'000});
    const json input{{"path", full.path("a.bin")},
                     {"file", host.add_blob("x", some_bytes(1'000'000))}};
    const call_result result = host.run("upload", input, connection(full));
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
    EXPECT_TRUE(full.names().empty());
}

TEST_F(sftp_upload, leaves_no_part_beside_a_folder_of_that_name) {
    server.make_folder("a.csv");
    server.write("a.csv/x", "x");
    for (const char* overwrite : {"fail", "replace"}) {
        EXPECT_FALSE(upload(upload_input("a.csv", "ours", overwrite)).ok);
        EXPECT_EQ(server.names(), std::vector<std::string>{"a.csv"});
    }
}

TEST_F(sftp_upload, may_not_write_everywhere) {
    server.make_folder("closed");
    std::filesystem::permissions(server.path("closed"), std::filesystem::perms(0555));
    const call_result result = upload(upload_input("closed/a.csv", "x"));
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
}

TEST_F(sftp_upload, can_be_cancelled_anywhere) {
    const json input = upload_input("a.bin", some_bytes(3'000'000), "replace");
    const unsigned operations = upload(input).operations;
    EXPECT_GE(operations, 3u);
    for (unsigned at = 0; at <= operations; ++at) {
        const call_result result =
            host.run_cancelled_at(at, "upload", input, connection(server), step("c"));
        EXPECT_TRUE(result.problems.empty()) << result.explain();
        if (!result.ok) {
            EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << result.explain();
        }
    }
    EXPECT_TRUE(server.read("a.bin") == some_bytes(3'000'000));
}

}  // namespace
}  // namespace sluice::sftp::testing
