// The frames between host and runner: whole, in pieces, broken.
#include "plugin/frame.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::plugin {
namespace {

frame some_frame(std::string body = "body") {
    frame one;
    one.kind = frame_kind::request;
    one.call = 0x0102030405060708;
    one.operation = ~std::uint64_t{0};
    one.body = std::move(body);
    return one;
}

std::string head(std::uint32_t size, std::uint32_t kind) {
    std::string bytes(frame_head_size, '\0');
    for (int index = 0; index < 4; ++index) {
        bytes[index] = static_cast<char>(size >> (8 * index));
        bytes[4 + index] = static_cast<char>(kind >> (8 * index));
    }
    return bytes;
}

TEST(frames, come_through_in_order_however_the_stream_is_cut) {
    std::string stream;
    for (int index = 0; index < 5; ++index)
        stream += to_bytes(some_frame(std::string(index * 7, 'x')));
    for (const std::size_t piece : {1, 2, 3, 23, 24, 25, 1000}) {
        frame_splitter splitter;
        std::vector<frame> got;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            ASSERT_TRUE(splitter.feed(std::string_view(stream).substr(at, piece),
                                      [&](frame one) { got.push_back(std::move(one)); }));
        }
        ASSERT_EQ(got.size(), 5u) << "pieces of " << piece;
        for (std::size_t index = 0; index < got.size(); ++index) {
            EXPECT_EQ(got[index].body.size(), index * 7);
            EXPECT_EQ(got[index].kind, frame_kind::request);
            EXPECT_EQ(got[index].call, 0x0102030405060708u);
            EXPECT_EQ(got[index].operation, ~std::uint64_t{0});
        }
    }
}

TEST(frames, a_truncated_one_waits_for_its_rest) {
    const std::string bytes = to_bytes(some_frame());
    frame_splitter splitter;
    int got = 0;
    ASSERT_TRUE(splitter.feed(bytes.substr(0, bytes.size() - 1), [&](frame) { ++got; }));
    EXPECT_EQ(got, 0);
    ASSERT_TRUE(splitter.feed(bytes.substr(bytes.size() - 1), [&](frame) { ++got; }));
    EXPECT_EQ(got, 1);
}

TEST(frames, a_huge_one_is_refused_by_its_head_alone) {
    frame_splitter splitter;
    const auto fed = splitter.feed(head(frame_body_limit + 1, 2), [](frame) { FAIL(); });
    ASSERT_FALSE(fed);
    EXPECT_NE(fed.error_value().message.find("67108865 bytes"), std::string::npos);
}

TEST(frames, unknown_kinds_are_refused) {
    for (const std::uint32_t kind : {0u, 8u, 31u, 46u, 0xffffffffu}) {
        frame_splitter splitter;
        EXPECT_FALSE(splitter.feed(head(0, kind), [](frame) { FAIL(); })) << kind;
    }
}

TEST(frame_fields, come_back_as_they_were_written) {
    sluice_error error = {};
    error.size = sizeof error;
    error.code = SLUICE_RATE_LIMITED;
    error.retry_after_ms = 7;
    error.http_status = 429;
    error.message = {"slow", 4};
    const std::string body =
        frame_writer().number(42).text("text\0with nul").failure(&error).failure(nullptr).take();
    frame_reader reader(body);
    EXPECT_EQ(reader.number(), 42u);
    EXPECT_EQ(reader.text(), "text");
    const auto failure = reader.failure();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(failure->retry_after_ms, 7u);
    EXPECT_EQ(failure->http_status, 429u);
    EXPECT_EQ(std::string(failure->message.data, failure->message.size), "slow");
    EXPECT_FALSE(reader.failure());
    EXPECT_TRUE(reader.finished());
}

TEST(frame_fields, what_is_missing_reads_as_nothing_and_is_told) {
    const std::string whole = frame_writer().number(1).text("four").take();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        frame_reader reader(std::string_view(whole).substr(0, size));
        (void)reader.number();
        (void)reader.text();
        EXPECT_FALSE(reader.finished()) << size;
    }
    frame_reader too_much(whole);
    EXPECT_EQ(too_much.number(), 1u);
    EXPECT_TRUE(too_much.ok());
    EXPECT_FALSE(too_much.finished());
}

TEST(frame_fields, a_size_beyond_the_body_does_not_lead_outside) {
    const std::string body = frame_writer().number(~std::uint64_t{0}).take();
    frame_reader reader(body);
    EXPECT_EQ(reader.text(), "");
    EXPECT_FALSE(reader.ok());
}

TEST(frame_fields, a_short_error_of_an_older_connector_gives_what_it_has) {
    sluice_error error = {};
    error.size = 8;
    error.code = SLUICE_AUTH;
    error.retry_after_ms = 99;  // beyond its size
    const std::string body = frame_writer().failure(&error).take();
    frame_reader reader(body);
    const auto failure = reader.failure();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->code, SLUICE_AUTH);
    EXPECT_EQ(failure->retry_after_ms, 0u);
}

}  // namespace
}  // namespace sluice::plugin
