#include "xml_testing.hpp"

namespace xml::testing {
namespace {

TEST(xml_parse, makes_objects_lists_and_text) {
    const call_result result = parse_text(R"(<?xml version="1.0"?>
<order id="7" state='new'><!-- a comment --><?pi x?>
  <item qty="2">bolt</item> <item>nut</item>
  <note> be <![CDATA[<quick>]]> &amp; &#252;</note><empty/>
</order>)");
    EXPECT_EQ(document_of(result),
              R"({"order":{"@id":"7","@state":"new","item":[{"@qty":"2","#text":"bolt"},"nut"],)"
              "\"note\":\"be <quick> & \xC3\xBC\",\"empty\":\"\"}}");
    EXPECT_EQ(result.output.get_or("root", ""), "order");
}

TEST(xml_parse, keeps_text_between_children_and_white_space_when_told_so) {
    EXPECT_EQ(document_of(parse_text("<a>x<b/>y</a>")), R"({"a":{"#text":"xy","b":""}})");
    EXPECT_EQ(document_of(parse_text("<a> x </a>", {{"trim", false}})), R"({"a":" x "})");
    EXPECT_EQ(document_of(parse_text("<a> <b> </b>\n</a>", {{"trim", false}})),
              R"({"a":{"b":" "}})");
}

TEST(xml_parse, makes_lists_of_names_that_always_are) {
    EXPECT_EQ(document_of(parse_text("<a><b>1</b><c>2</c></a>", {{"lists", json::array({"b"})}})),
              R"({"a":{"b":["1"],"c":"2"}})");
}

constexpr const char* with_namespaces =
    R"(<o:order xmlns:o="urn:o" xmlns="urn:d" o:id="1" kind="k"><line xml:lang="de">)"
    R"(<o:x xmlns:o="urn:other"/></line></o:order>)";

TEST(xml_parse, treats_namespaces_as_it_is_told) {
    EXPECT_EQ(document_of(parse_text(with_namespaces)),
              R"({"o:order":{"@xmlns:o":"urn:o","@xmlns":"urn:d","@o:id":"1","@kind":"k",)"
              R"("line":{"@xml:lang":"de","o:x":{"@xmlns:o":"urn:other"}}}})");
    EXPECT_EQ(document_of(parse_text(with_namespaces, {{"namespaces", "expand"}})),
              R"({"{urn:o}order":{"@{urn:o}id":"1","@kind":"k",)"
              R"("{urn:d}line":{"@xml:lang":"de","{urn:other}x":""}}})");
    EXPECT_EQ(document_of(parse_text(with_namespaces, {{"namespaces", "local"}})),
              R"({"order":{"@id":"1","@kind":"k","line":{"@xml:lang":"de","x":""}}})");
    const json prefixes{{"urn:o", "orders"}, {"urn:d", ""}};
    EXPECT_EQ(document_of(
                  parse_text(with_namespaces, {{"namespaces", "expand"}, {"prefixes", prefixes}})),
              R"({"orders:order":{"@orders:id":"1","@kind":"k",)"
              R"("line":{"@xml:lang":"de","{urn:other}x":""}}})");
    EXPECT_FALSE(parse_text("<p:a/>", {{"namespaces", "expand"}}).ok);
    EXPECT_TRUE(parse_text("<p:a/>").ok);
}

TEST(xml_parse, refuses_what_could_be_dangerous) {
    std::string lol = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">";
    for (int i = 1; i < 10; ++i) {
        lol += "<!ENTITY lol" + std::to_string(i) + " \"";
        for (int k = 0; k < 10; ++k)
            lol += "&lol" + (i == 1 ? std::string() : std::to_string(i - 1)) + ";";
        lol += "\">";
    }
    const std::string dangerous[] = {
        lol + "]><lolz>&lol9;</lolz>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://localhost/\"> %p;]><a/>",
        "<!DOCTYPE a><a/>",
    };
    for (const std::string& text : dangerous) {
        const call_result result = parse_text(text);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
        EXPECT_NE(result.error.message.find("a DOCTYPE is refused"), std::string::npos)
            << result.explain();
    }
    EXPECT_NE(parse_text("<a>&x;</a>").error.message.find("undefined entity"), std::string::npos);
}

TEST(xml_parse, bounds_depth_attributes_names_and_size) {
    const auto nested = [](int depth) {
        std::string text;
        for (int i = 0; i < depth; ++i)
            text += "<a>";
        for (int i = 0; i < depth; ++i)
            text += "</a>";
        return text;
    };
    EXPECT_TRUE(parse_text(nested(100)).ok);
    EXPECT_EQ(parse_text(nested(101)).error.message,
              "line 1, column 301: elements are nested more than 100 deep");
    EXPECT_TRUE(parse_text(nested(200), {{"maxDepth", 200}, {"lists", json::array({"a"})}}).ok);
    EXPECT_FALSE(parse_text(nested(1'000'00)).ok);
    std::string many = "<a";
    for (int i = 0; i < 257; ++i)
        many += " a" + std::to_string(i) + "=\"\"";
    EXPECT_NE(parse_text(many + "/>").error.message.find("more than 256 attributes"),
              std::string::npos);
    std::string declared = "<a>";
    for (int i = 0; i < 5; ++i) {
        declared += "<b";
        for (int k = 0; k < 250; ++k)
            declared += " xmlns:p" + std::to_string(i) + "-" + std::to_string(k) + "=\"u\"";
        declared += ">";
    }
    EXPECT_NE(parse_text(declared).error.message.find("namespaces"), std::string::npos);
    EXPECT_FALSE(parse_text("<a>12345</a>", {{"maxBytes", 11}}).ok);
    EXPECT_TRUE(parse_text("<a>12345</a>", {{"maxBytes", 12}}).ok);
}

// A namespace may be long, and with `expand` it stands in every name.
TEST(xml_parse, bounds_what_namespaces_make_of_names) {
    const auto document = [](std::size_t uri, int elements) {
        std::string text = "<a xmlns=\"" + std::string(uri, 'u') + "\">";
        for (int i = 0; i < elements; ++i)
            text += "<n" + std::to_string(i) + "/>";
        return text + "</a>";
    };
    const json expand{{"namespaces", "expand"}};
    EXPECT_EQ(parse_text(document(1001, 1), expand).error.message,
              "a namespace of more than 1000 bytes");
    EXPECT_TRUE(parse_text(document(1000, 1000), expand).ok);
    EXPECT_EQ(parse_text(document(1000, 20'000), expand)
                  .error.message.find("the document has more than 16 MiB as JSON"),
              0u);
    std::string attributes = "<a xmlns:p=\"" + std::string(1000, 'u') + "\">";
    for (int i = 0; i < 20'000; ++i)
        attributes += "<b p:c=\"\"/>";
    EXPECT_EQ(parse_text(attributes + "</a>", expand)
                  .error.message.find("the document has more than 16 MiB as JSON"),
              0u);
    // The items of a file are bounded each.
    mock_host host(sluice_connector_v1);
    const json items{{"text", attributes + "</a>"}, {"record", "a"}, {"namespaces", "expand"}};
    EXPECT_EQ(host.run("parseItems", items).error.message, "an item has more than 1048576 bytes");
}

TEST(xml_parse, loses_no_attribute_to_another_of_the_same_local_name) {
    const auto local = [](const std::string& attributes) {
        return document_of(parse_text("<a xmlns:x=\"u:x\" xmlns:y=\"u:y\" " + attributes + "/>",
                                      {{"namespaces", "local"}}));
    };
    EXPECT_EQ(local("x:id=\"1\" y:id=\"2\""), R"({"a":{"@id":"1","@y:id":"2"}})");
    EXPECT_EQ(local("x:id=\"1\" id=\"2\""), R"({"a":{"@x:id":"1","@id":"2"}})");
    EXPECT_EQ(local("id=\"2\" x:id=\"1\""), R"({"a":{"@id":"2","@x:id":"1"}})");
    const json mapped{{"namespaces", "expand"}, {"prefixes", json{{"u:x", "y"}, {"u:y", "y"}}}};
    EXPECT_EQ(parse_text("<a xmlns:x=\"u:x\" xmlns:y=\"u:y\" x:id=\"1\" y:id=\"2\"/>", mapped)
                  .output["document"]["a"]
                  .dump(),
              R"({"@x:id":"1","@y:id":"2"})");
}

// Many different names of children must not take the square of their number.
TEST(xml_parse, takes_many_different_names) {
    std::string text = "<a>";
    for (int i = 0; i < 50'000; ++i)
        text += "<n" + std::to_string(i) + "/>";
    const call_result result = parse_text(text + "</a>");
    EXPECT_EQ(result.output["document"]["a"].size(), 50'000u) << result.explain();
}

TEST(xml_parse, says_where_a_document_is_broken) {
    EXPECT_EQ(parse_text("<a>\n  <b></a>").error.message.find("line 2, column 8: not well formed"),
              0u);
    for (const char* text : {"", " ", "x", "<a", "<a>", "<a/><b/>", "<a b=1/>", "<a b='1' b='2'/>",
                             "<a>&#0;</a>", "<a>\x01</a>"}) {
        EXPECT_EQ(parse_text(text).error.code, SLUICE_INVALID_INPUT) << text;
    }
}

TEST(xml_parse, reads_encodings_by_mark_and_declaration) {
    mock_host host(sluice_connector_v1);
    const std::string euro = "\xE2\x82\xAC";
    struct {
        text_encoding encoding;
        const char* declared;
        const char* mark;
        std::string text;
    } const cases[] = {
        {text_encoding::utf8, "", "\xEF\xBB\xBF", euro},
        {text_encoding::utf8, "utf-8", "", euro},
        {text_encoding::utf16le, "utf-16", "\xEF\xBB\xBF", euro},
        {text_encoding::utf16be, "utf-16", "\xEF\xBB\xBF", euro},
        {text_encoding::iso88591, "ISO-8859-1", "", "\xC3\xA4"},
        {text_encoding::windows1252, "Windows-1252", "", euro},
    };
    for (const auto& each : cases) {
        std::string declaration;
        if (*each.declared != '\0') {
            declaration = "<?xml version=\"1.0\" encoding=\"" + std::string(each.declared) + "\"?>";
        }
        std::string bytes;
        encode_text(bytes, each.mark + declaration + "<a>" + each.text + "</a>", each.encoding);
        const json file = host.add_blob("application/xml", bytes);
        EXPECT_EQ(host.run("parse", {{"file", file}}).output["document"].get_or("a", ""), each.text)
            << each.declared;
    }
    // Text of the input is UTF-8 whatever it says of itself.
    EXPECT_EQ(
        document_of(parse_text("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>" + euro + "</a>")),
        "{\"a\":\"" + euro + "\"}");
    const json unknown =
        host.add_blob("application/xml", "<?xml version=\"1.0\" encoding=\"ebcdic\"?><a/>");
    EXPECT_EQ(host.run("parse", {{"file", unknown}}).error.code, SLUICE_INVALID_INPUT);
    const json broken = host.add_blob("application/xml", "<a>\xFF</a>");
    EXPECT_EQ(host.run("parse", {{"file", broken}}).error.code, SLUICE_INVALID_INPUT);
}

TEST(xml_parse, refuses_options_that_cannot_work) {
    const json bad[] = {
        json{{"namespaces", "some"}},
        json{{"prefixes", json{{"u", "p"}}}},
        json{{"prefixes", json{{"u", 1}}}, {"namespaces", "expand"}},
        json{{"lists", "a"}},
        json{{"lists", json::array({1})}},
        json{{"maxDepth", 0}},
        json{{"maxDepth", 201}},
        json{{"maxBytes", 0}},
        json{{"trim", 1}},
        json{{"file", json{{"$blob", "x"}}}},
    };
    for (const json& options : bad) {
        EXPECT_EQ(parse_text("<a/>", options).error.code, SLUICE_INVALID_INPUT) << options.dump();
    }
}

TEST(xml_parse, stops_when_the_call_is_cancelled) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("application/xml", "<a>" + std::string(300'000, 'x') + "</a>");
    const unsigned operations = host.run("parse", {{"file", file}}).operations;
    EXPECT_GE(operations, 4u);
    for (unsigned n = 0; n <= operations; ++n) {
        const call_result result = host.run_cancelled_at(n, "parse", {{"file", file}});
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << result.explain();
    }
    EXPECT_TRUE(host.problems().empty());
}

}  // namespace
}  // namespace xml::testing
