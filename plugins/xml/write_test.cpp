#include "xml_testing.hpp"

namespace xml::testing {
namespace {

std::string written(const json& document, json options = json::object()) {
    mock_host host(sluice_connector_v1);
    options.set("document", document);
    if (!options.contains("declaration")) options.set("declaration", false);
    const call_result result = host.run("write", options);
    if (!result.ok) return result.error.message;
    if (options.get_or("as", "") == "text") return result.output.get_or("text", "");
    return host.blob_bytes(result.output["file"]).value_or("no file");
}

const json order{
    {"order", json{{"@id", 7},
                   {"@none", json()},
                   {"#text", "a<b"},
                   {"item", json::array({"bolt", json{{"@qty", 2}, {"#text", "nut"}}})},
                   {"no", json::array()},
                   {"empty", json()},
                   {"open", true}}}};

TEST(xml_write, writes_attributes_text_and_lists) {
    EXPECT_EQ(written(order),
              "<order id=\"7\">a&lt;b<item>bolt</item><item qty=\"2\">nut</item><empty/>"
              "<open>true</open></order>");
    EXPECT_EQ(
        written({{"a", json{{"b", json{{"c", 1}}}}}}, {{"indent", true}, {"declaration", true}}),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<a>\n  <b>\n    <c>1</c>\n  </b>\n</a>\n");
    EXPECT_EQ(written({{"x", 1}}, {{"root", "soap:Body"}, {"as", "text"}}),
              "<soap:Body><x>1</x></soap:Body>");
    EXPECT_EQ(written({{"a", json::array()}}, {{"root", "r"}}), "<r/>");
}

TEST(xml_write, escapes_so_that_the_same_text_is_read) {
    const std::string text = "a&b<c>\"d'\r\n\t]]>\xC3\xA4";
    const json document{{"r", json{{"@a", text}, {"#text", text}}}};
    const std::string xml = written(document);
    EXPECT_EQ(xml,
              "<r a=\"a&amp;b&lt;c&gt;&quot;d'&#13;&#10;&#9;]]&gt;\xC3\xA4\">"
              "a&amp;b&lt;c&gt;\"d'&#13;\n\t]]&gt;\xC3\xA4</r>");
    EXPECT_EQ(parse_text(xml).output["document"], document);
}

TEST(xml_write, refuses_what_xml_does_not_have) {
    const json bad[] = {
        json{{"a b", 1}},
        json{{"1a", 1}},
        json{{"", 1}},
        json{{"a:b:c", 1}},
        json{{":a", 1}},
        json{{"a><b", 1}},
        json{{"#text", 1}},
        json{{"a", json{{"@b c", 1}}}},
        json{{"a", json{{"@b", json::array()}}}},
        json{{"a", json{{"#text", json::object()}}}},
        json{{"a", json{{"b", json::array({json::array({1})})}}}},
        json{{"a", std::string("x\0y", 3)}},
        json{{"a", "\x0B"}},
        json{{"a", "\xEF\xBF\xBF"}},
        json{{"a", json{{"@b", "\x01"}}}},
        json{{"a", json::array({1, 2})}},
        json{{"a", 1}, {"b", 2}},
        json::object(),
        json::array(),
        json(),
    };
    mock_host host(sluice_connector_v1);
    for (const json& document : bad) {
        EXPECT_EQ(host.run("write", {{"document", document}}).error.code, SLUICE_INVALID_INPUT)
            << document.dump();
    }
    EXPECT_EQ(
        host.run("write", {{"document", 1}, {"root", "a"}, {"encoding", "ebcdic"}}).error.code,
        SLUICE_INVALID_INPUT);
}

TEST(xml_write, writes_every_encoding_and_references_where_it_lacks_a_character) {
    const std::string text = "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";
    const json document{{"r", json{{"@a", text}, {"#text", text}}}};
    EXPECT_EQ(written(document, {{"encoding", "iso-8859-1"}}),
              "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>"
              "<r a=\"\xE4&#8364;&#128512;\">\xE4&#8364;&#128512;</r>");
    mock_host host(sluice_connector_v1);
    for (const char* encoding : {"utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"}) {
        const std::string bytes = written(document, {{"encoding", encoding}});
        const json file = host.add_blob("application/xml", bytes);
        EXPECT_EQ(host.run("parse", {{"file", file}}).output["document"], document) << encoding;
    }
    // A reference cannot stand in a name.
    EXPECT_NE(written({{"\xCE\xB1", 1}}, {{"encoding", "iso-8859-1"}}).find("cannot be a name"),
              std::string::npos);
    EXPECT_EQ(written({{"\xCE\xB1", 1}}), "<\xCE\xB1>1</\xCE\xB1>");
}

TEST(xml_write, writes_what_parse_read) {
    const std::string text =
        "<o:order xmlns:o=\"urn:o\" id=\"1\"><o:line n=\"1\">a &amp; b</o:line><o:line/>"
        "<note>x</note></o:order>";
    const json document = parse_text(text).output["document"];
    EXPECT_EQ(written(document), text);
    // More than one piece.
    json items = json::array();
    for (int i = 0; i < 60'000; ++i)
        items.push(json{{"@n", std::to_string(i)}, {"name", "value"}});
    const json large{{"list", json{{"item", items}}}};
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("application/xml", written(large));
    EXPECT_EQ(host.run("parse", {{"file", file}}).output["document"], large);
}

}  // namespace
}  // namespace xml::testing
