#include "xml_testing.hpp"

namespace xml::testing {
namespace {

struct all_batches {
    json::array_type items;
    std::size_t calls = 0;
    unsigned most_operations = 0;
    call_result last;
};

all_batches parse_all(mock_host& host, json input) {
    all_batches found;
    for (bool more = true; more && found.calls < 5000;) {
        found.last = host.run("parseItems", input);
        ++found.calls;
        found.most_operations = std::max(found.most_operations, found.last.operations);
        if (!found.last.ok) break;
        for (const json& item : found.last.output["items"].items())
            found.items.push_back(item);
        more = found.last.output.get_or("more", false);
        input.set("cursor", found.last.output["cursor"]);
    }
    return found;
}

std::string items_of(const all_batches& found) {
    return found.last.ok ? json::array(found.items).dump() : found.last.error.message;
}

std::string items_in(const std::string& text, json options) {
    mock_host host(sluice_connector_v1);
    return items_of(parse_all(host, options.set("text", text)));
}

constexpr const char* orders =
    "<orders><head><order>not here</order></head>\n"
    "<order id=\"1\"><item>a</item></order><order id=\"2\"/> text \n"
    "<batch><order id=\"3\"><order>inner</order></order></batch></orders>";

TEST(xml_parse_items, finds_records_by_name_or_path) {
    for (const int limit : {1, 2, 10}) {
        EXPECT_EQ(items_in(orders, {{"record", "order"}, {"limit", limit}}),
                  R"(["not here",{"@id":"1","item":"a"},{"@id":"2"},{"@id":"3","order":"inner"}])")
            << limit;
        EXPECT_EQ(items_in(orders, {{"record", "/orders/order"}, {"limit", limit}}),
                  R"([{"@id":"1","item":"a"},{"@id":"2"}])");
        EXPECT_EQ(items_in(orders, {{"record", "/orders/batch/order"}, {"limit", limit}}),
                  R"([{"@id":"3","order":"inner"}])");
        EXPECT_EQ(items_in(orders, {{"record", "none"}, {"limit", limit}}), "[]");
        EXPECT_EQ(items_in("<order/>", {{"record", "/order"}, {"limit", limit}}), R"([""])");
    }
}

TEST(xml_parse_items, keeps_namespaces_over_batches) {
    const std::string text =
        "<o:list xmlns:o=\"urn:o\" xmlns=\"urn:d&amp;&quot;\"><o:part xmlns:o=\"urn:p\">"
        "<o:x a=\"1\"/><o:x><y/></o:x><o:x/></o:part><o:x/></o:list>";
    const json options{{"record", "{urn:p}x"}, {"namespaces", "expand"}, {"limit", 1}};
    EXPECT_EQ(items_in(text, options), R"([{"@a":"1"},{"{urn:d&\"}y":""},""])");
    EXPECT_EQ(items_in(text, {{"record", "/list/part/x"}, {"namespaces", "local"}, {"limit", 1}}),
              R"([{"@a":"1"},{"y":""},""])");
}

std::string many_orders(int count, json::array_type& expected, bool narrow) {
    std::string text = "<orders xmlns:x=\"urn:x\">\r\n";
    for (int i = 0; i < count; ++i) {
        const std::string value = (narrow ? "\xC3\xA4" : "\xF0\x9F\x98\x80\xE2\x82\xAC") +
                                  std::string(static_cast<std::size_t>(i % 91), 'v');
        text += "  <order id=\"" + std::to_string(i) + "\"><x:name>" + value + "</x:name></order>" +
                (i % 2 == 0 ? "\n" : "");
        expected.push_back(json{{"@id", std::to_string(i)}, {"x:name", value}});
    }
    return text + "</orders>";
}

TEST(xml_parse_items, goes_on_in_every_encoding_and_never_from_the_front) {
    const std::pair<text_encoding, const char*> cases[] = {
        {text_encoding::utf8, "utf-8"},
        {text_encoding::utf16le, "utf-16"},
        {text_encoding::utf16be, "utf-16"},
        {text_encoding::iso88591, "iso-8859-1"},
        {text_encoding::windows1252, "windows-1252"}};
    for (const auto& [encoding, declared] : cases) {
        const bool wide = encoding == text_encoding::utf16le || encoding == text_encoding::utf16be;
        const bool narrow = !wide && encoding != text_encoding::utf8;
        json::array_type expected;
        const std::string text = std::string(wide ? "\xEF\xBB\xBF" : "") +
                                 "<?xml version=\"1.0\" encoding=\"" + declared + "\"?>" +
                                 many_orders(4000, expected, narrow);
        std::string bytes;
        ASSERT_FALSE(encode_text(bytes, text, encoding));
        mock_host host(sluice_connector_v1);
        const json file = host.add_blob("application/xml", bytes);
        const all_batches found =
            parse_all(host, {{"file", file}, {"record", "order"}, {"limit", 37}});
        ASSERT_TRUE(found.last.ok) << declared << found.last.explain();
        EXPECT_EQ(found.items, expected) << declared;
        EXPECT_EQ(found.last.output.get_or("count", 0), 4000);
        EXPECT_LE(found.most_operations, 2u) << "reads of 64 KiB in one batch";
    }
}

TEST(xml_parse_items, tells_lines_of_later_batches) {
    const std::string text = "<a>\n<b/>\n<b/>\n<b>\n<c></b>\n</a>";
    EXPECT_EQ(items_in(text, {{"record", "b"}, {"limit", 1}}).find("line 5, column 6: not well"),
              0u)
        << items_in(text, {{"record", "b"}, {"limit", 1}});
    EXPECT_EQ(items_in("<a><b/><b/><b></a>", {{"record", "b"}, {"limit", 1}})
                  .find("line 1, column 17: not well"),
              0u)
        << items_in("<a><b/><b/><b></a>", {{"record", "b"}, {"limit", 1}});
}

TEST(xml_parse_items, refuses_what_could_be_dangerous) {
    EXPECT_NE(items_in("<!DOCTYPE a [<!ENTITY x \"y\">]><a><b/></a>", {{"record", "b"}})
                  .find("a DOCTYPE is refused"),
              std::string::npos);
    std::string deep = "<a>";
    for (int i = 0; i < 200; ++i)
        deep += "<b>";
    EXPECT_NE(items_in(deep, {{"record", "c"}}).find("nested more than 100"), std::string::npos);
    EXPECT_NE(items_in("<a><b>" + std::string(2000, 'x') + "</b></a>",
                       {{"record", "b"}, {"maxItemBytes", 1000}})
                  .find("more than 1000 bytes"),
              std::string::npos);
    // A tag that never ends must not take the memory of the whole file.
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("application/xml", "<a><b x=\"" + std::string(3 << 20, 'x'));
    const call_result endless = host.run("parseItems", {{"file", file}, {"record", "b"}});
    EXPECT_EQ(endless.error.code, SLUICE_INVALID_INPUT);
    EXPECT_NE(endless.error.message.find("a tag or comment of more than"), std::string::npos)
        << endless.explain();
    EXPECT_LT(endless.operations, 25u);
}

TEST(xml_parse_items, ends_early_when_items_are_large) {
    std::string text = "<a>";
    for (int i = 0; i < 8; ++i)
        text += "<b>" + std::string(900'000, 'x') + "</b>";
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("application/xml", text + "</a>");
    const all_batches found = parse_all(host, {{"file", file}, {"record", "b"}});
    EXPECT_EQ(found.items.size(), 8u) << found.last.explain();
    EXPECT_EQ(found.calls, 2u);
}

TEST(xml_parse_items, refuses_cursors_of_others) {
    mock_host host(sluice_connector_v1);
    const json one = host.add_blob("application/xml", "<a><b/><b/><b/></a>");
    const json other = host.add_blob("application/xml", "<a><b/></a>");
    json input{{"file", one}, {"record", "b"}, {"limit", 1}};
    const json cursor = host.run("parseItems", input).output["cursor"];
    ASSERT_TRUE(cursor.is_string());
    json forged = json::parse(cursor.as_string());
    forged.set("around", json::array({json{{"name", "a><!DOCTYPE a"}, {"scope", json::object()}}}));
    for (const json& bad : {json("x"), json(7), json("{}"), json(forged.dump())}) {
        input.set("cursor", bad);
        EXPECT_EQ(host.run("parseItems", input).error.code, SLUICE_INVALID_INPUT) << bad.dump();
    }
    EXPECT_EQ(
        host.run("parseItems", {{"file", other}, {"record", "b"}, {"cursor", cursor}}).error.code,
        SLUICE_INVALID_INPUT);
}

TEST(xml_parse_items, gives_nothing_more_at_the_end) {
    mock_host host(sluice_connector_v1);
    json input{{"text", "<a><b/></a>"}, {"record", "b"}};
    const call_result first = host.run("parseItems", input);
    EXPECT_FALSE(first.output.get_or("more", true));
    input.set("cursor", first.output["cursor"]);
    const call_result again = host.run("parseItems", input);
    EXPECT_TRUE(again.output["items"].empty());
    EXPECT_FALSE(again.output.get_or("more", true));
    EXPECT_EQ(again.output["cursor"], first.output["cursor"]);
}

}  // namespace
}  // namespace xml::testing
