// Messages that are small on the wire and would be large in memory, and those that are just large.
#include <fstream>

#include "imap_testing.hpp"

// What is freed counts as memory while the address sanitizer keeps it: little of it here.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options();
const char* __asan_default_options() { return "quarantine_size_mb=16"; }

namespace sluice::mail::testing {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

// "VmRSS" or "VmHWM" of this process.
std::size_t memory(const std::string& which) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(which + ":")) return std::stoul(line.substr(which.size() + 1)) * 1024;
    }
    return 0;
}

// Takes many times the same piece, without ever being in memory as a whole on the server's side.
class hostile_message_test : public imap_test {
  protected:
    json parsed(const std::string& head, const std::string& piece, std::size_t pieces) {
        step fetch{"TAG UID FETCH 5 (BODY.PEEK[])",
                   "* 1 FETCH (UID 5 BODY[] {" +
                       std::to_string(head.size() + piece.size() * pieces) + "}\r\n" + head};
        fetch.piece = piece;
        fetch.pieces = pieces;
        fetch.end = ")\r\nTAG OK done\r\n";
        std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
        const std::size_t before = memory("VmRSS");
        json found = output("getMessage", json{{"uid", 5}},
                            {{"TAG EXAMINE \"INBOX\"", examined}, std::move(fetch)});
        const std::size_t peak = memory("VmHWM");
        EXPECT_LT(peak, before + 200 * mebibyte) << head << piece.substr(0, 40);
        return found;
    }
};

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

const std::string multipart = "Subject: bomb\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n";
const std::string part = "--b\r\nContent-Type: text/plain\r\n\r\nfirst\r\n";

TEST_F(hostile_message_test, what_costs_much_memory_is_read_as_far_as_it_goes) {
    const std::pair<std::string, std::string> bombs[] = {
        {multipart + part, "--b\n\n\n"},               // parts
        {multipart + part + "--b\n", "a:\n"},          // headers of a part
        {"Subject: bomb\r\n", "a:\n"},                 // headers
        {"Subject: bomb\r\nTo: ", "a,"},               // addresses
        {"Subject: bomb\r\nTo: ", "a@b.example,\n "},  // the same in many lines
        {multipart, "before the parts\r\n"},
        {multipart + part + "--b--\r\n", "behind the parts\r\n"},
        {"Subject: bomb\r\nContent-Type: multipart/mixed\r\n\r\n", "no boundary\r\n"},
        {"Subject: bomb\r\n", "Content-Type: message/rfc822\n\n"},
        {"Subject: bomb\r\nContent-Type: message/rfc822\n\n", "a:\n"},
        {"Subject: bomb\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n--b\n\n", "a:\n"},
        {multipart + part + "--b\nCONTENT-type : (c) message/(c)rfc822\n\n", "a:\n"},
        {multipart + part + "--b\nContent-Type: text/plain\nContent-Type: message/rfc822\n\n",
         "a:\n"},
    };
    for (const auto& [head, piece] : bombs) {
        const std::string block = repeated(piece, 1'000);
        const json found = parsed(head, block, 6 * mebibyte / block.size());
        EXPECT_EQ(found["subject"], json("bomb")) << piece;
        EXPECT_EQ(found["truncated"], json(true)) << head << piece;
        if (head.find(part) != std::string::npos) {
            EXPECT_TRUE(found["text"].as_string().starts_with("first")) << head << piece;
        }
    }
}

TEST_F(hostile_message_test, text_between_the_parts_does_not_stay_in_memory) {
    const json found = parsed(multipart, repeated(std::string(75, 'x') + "\r\n", 12'000), 100);
    EXPECT_EQ(found["truncated"], json(true));
}

TEST_F(hostile_message_test, a_text_of_any_size_is_cut_without_reading_it) {
    const std::pair<const char*, std::size_t> texts[] = {
        {"Subject: long\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", 110},
        {"Subject: long\r\nContent-Type: text/plain; charset=windows-1252\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n\r\n",
         5}};
    for (const auto& [head, pieces] : texts) {
        const json found = parsed(head, repeated(std::string(75, 'x') + "\r\n", 12'000), pieces);
        EXPECT_EQ(found["subject"], json("long"));
        EXPECT_EQ(found["truncated"], json(true));
        EXPECT_EQ(found["text"].size(), 2 * mebibyte);
        EXPECT_TRUE(found["text"].as_string().starts_with("xxxx"));
    }
}

TEST_F(hostile_message_test, a_large_file_beside_lines_that_look_like_parts_is_whole) {
    const std::string block = repeated("-- a comment of SQL\n--\n\nkey: value\n", 3'000);
    const json found =
        parsed(multipart + part + "--b\r\nContent-Type: application/sql\r\n\r\n", block, 300);
    EXPECT_EQ(found["truncated"], json(false));
    ASSERT_EQ(found["attachments"].size(), 1u);
    EXPECT_GT(found["attachments"][0]["file"]["size"].as_int64(), 30'000'000);
}

TEST_F(hostile_message_test, lists_of_addresses_and_headers_have_an_end_that_is_told) {
    const json many = imap_test::parsed("To: " + repeated("a@example.com, ", 1'500) +
                                        "b@example.com\r\nSubject: many\r\n\r\nhello\r\n");
    EXPECT_EQ(many["to"].size(), 1'000u);
    EXPECT_EQ(many["subject"], json("many"));
    EXPECT_EQ(many["truncated"], json(true));
    const json long_header =
        imap_test::parsed("Subject: long\r\n" +
                          repeated("X-A: " + std::string(900, 'x') + "\r\n", 400) + "\r\nhi\r\n");
    EXPECT_EQ(long_header["truncated"], json(true));
    EXPECT_EQ(long_header["text"], json("hi\r\n"));
}

}  // namespace
}  // namespace sluice::mail::testing
