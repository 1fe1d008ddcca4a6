#include <sluice/encoding.hpp>
#include "salesforce_testing.hpp"

#include "soap_message.hpp"

namespace sluice::salesforce::testing {
namespace {

const std::string organization = "00Dxx0000001gPLEAY";
const std::string action = "04kxx0000000001AAA";

std::string notified(const std::string& id, const std::string& record,
                     const std::string& fields = "") {
    return "<Notification><Id>" + id +
           R"(</Id><sObject xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">)"
           "<sf:Id>" +
           record + "</sf:Id>" + fields + "</sObject></Notification>";
}

std::string message(const std::string& notifications, const std::string& from = organization,
                    const std::string& before = "") {
    return R"(<?xml version="1.0" encoding="UTF-8"?>)" + before +
           R"(<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/")"
           R"( xmlns:xsd="http://www.w3.org/2001/XMLSchema")"
           R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">)"
           "\n <soapenv:Body>\n"
           R"(  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">)"
           "\n   <OrganizationId>" +
           from + "</OrganizationId>\n   <ActionId>" + action +
           "</ActionId>\n   <SessionId>s3cr3t-session</SessionId>\n"
           "   <EnterpriseUrl>https://acme.my.salesforce.com/services/Soap/c/65.0</EnterpriseUrl>\n"
           "   <PartnerUrl>https://acme.my.salesforce.com/services/Soap/u/65.0</PartnerUrl>\n" +
           notifications + "\n  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>";
}

call_result received(const std::string& body, const std::string& from = organization) {
    mock_host host(sluice_connector_v1);
    const json request{{"method", "POST"}, {"body", body}};
    const json input{{"organizationId", from}, {"request", request}};
    return host.run("receiveOutboundMessage", input);
}

TEST(salesforce_outbound, makes_an_event_of_each_notification) {
    const call_result result =
        received(message(notified("04lxx0000000001AAA", account, "<sf:Name>A &amp; B</sf:Name>") +
                         notified("04lxx0000000002AAA", another_account)));
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(result.output.get_or("verified", false));
    ASSERT_EQ(result.output["events"].size(), 2u);
    const json& first = result.output["events"][0];
    EXPECT_EQ(first.get_or("dedupe", ""), "04lxx0000000001AAA");
    EXPECT_EQ(first.get_or("key", ""), account);
    EXPECT_EQ(first["body"], (json{{"notificationId", "04lxx0000000001AAA"},
                                   {"organizationId", organization},
                                   {"actionId", action},
                                   {"type", "Account"},
                                   {"id", account},
                                   {"fields", json{{"Id", account}, {"Name", "A & B"}}}}));
    EXPECT_EQ(result.output["events"][1]["body"].get_or("id", ""), another_account);
}

TEST(salesforce_outbound, acknowledges_as_salesforce_wants_it) {
    const call_result result = received(message(notified("04lxx0000000001AAA", account)));
    const json& answer = result.output["acknowledge"];
    EXPECT_EQ(answer.get_or("status", 0), 200);
    EXPECT_EQ(answer["headers"].get_or("content-type", ""), "text/xml; charset=utf-8");
    const std::string body = answer.get_or("body", "");
    EXPECT_NE(body.find("<Ack>true</Ack>"), std::string::npos);
    EXPECT_NE(body.find("http://soap.sforce.com/2005/09/outbound"), std::string::npos);
}

TEST(salesforce_outbound, lets_no_session_id_through) {
    const call_result result = received(message(notified("04lxx0000000001AAA", account)));
    ASSERT_TRUE(result.ok);
    EXPECT_EQ(result.output.dump().find("s3cr3t"), std::string::npos);
}

TEST(salesforce_outbound, takes_messages_of_its_organization_alone) {
    const std::string body = message(notified("04lxx0000000001AAA", account));
    // With 15 characters it is the same one, with another case it is not.
    EXPECT_TRUE(received(body, "00Dxx0000001gPL").ok);
    for (const char* other : {"00Dxx0000001gPMEAY", "00Dxx0000001gpLEAY", "00Dxx0000001gPM"})
        EXPECT_EQ(received(body, other).error.code, SLUICE_AUTH) << other;
    for (const char* bad : {"", "00D", "00Dxx0000001gPL!"})
        EXPECT_EQ(received(body, bad).error.code, SLUICE_INVALID_INPUT) << bad;
    const std::string nameless = message(notified("04lxx0000000001AAA", account), "");
    EXPECT_FALSE(received(nameless).ok);
}

TEST(salesforce_outbound, takes_the_wanted_actions_alone) {
    mock_host host(sluice_connector_v1);
    const json request{{"body", message(notified("04lxx0000000001AAA", account))}};
    json input{{"organizationId", organization},
               {"request", request},
               {"actionIds", json::array({"04kxx0000000002AAA"})}};
    EXPECT_EQ(host.run("receiveOutboundMessage", input).error.code, SLUICE_AUTH);
    input.set("actionIds", json::array({"04kxx0000000002AAA", action.substr(0, 15)}));
    EXPECT_TRUE(host.run("receiveOutboundMessage", input).ok);
    input.set("actionIds", json::array());
    EXPECT_EQ(host.run("receiveOutboundMessage", input).error.code, SLUICE_AUTH);
}

TEST(salesforce_outbound, takes_a_hundred_notifications_and_no_more) {
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += notified("04lxx00000" + std::to_string(10'000 + i) + "AAA", account);
    EXPECT_EQ(received(message(many)).output["events"].size(), 100u);
    EXPECT_EQ(received(message(many + notified("04lxx0000000001AAA", account))).error.code,
              SLUICE_INVALID_INPUT);
}

// Whose records were deleted before Salesforce sent them: they have no data.
TEST(salesforce_outbound, acknowledges_notifications_without_a_record) {
    const std::string start = "<Notification><Id>04lxx0000000001AAA</Id>";
    const std::string type =
        R"( xsi:type="sf:Account" xmlns:sf="urn:sobject.enterprise.soap.sforce.com")";
    for (const std::string& record :
         {std::string(), std::string(R"(<sObject xsi:nil="true"/>)"), "<sObject" + type + "/>",
          "<sObject" + type + "><sf:Id/></sObject>"}) {
        std::string all = start + record + "</Notification>";
        for (int i = 0; i < 99; ++i)
            all += notified("04lxx00000" + std::to_string(10'000 + i) + "AAA", account);
        const call_result result = received(message(all));
        ASSERT_TRUE(result.ok) << record << result.explain();
        EXPECT_EQ(result.output["events"].size(), 99u);
        EXPECT_EQ(result.output["acknowledge"].get_or("status", 0), 200);
        ASSERT_EQ(result.log.size(), 1u);
        EXPECT_EQ(result.log[0].fields["notificationIds"], json::array({"04lxx0000000001AAA"}));
    }
    const call_result alone = received(message(start + "</Notification>"));
    ASSERT_TRUE(alone.ok) << alone.explain();
    EXPECT_TRUE(alone.output.get_or("verified", false));
    EXPECT_TRUE(alone.output["events"].empty());
}

TEST(salesforce_outbound, reads_bodies_that_come_as_base64) {
    mock_host host(sluice_connector_v1);
    const std::string body = message(notified("04lxx0000000001AAA", account));
    const json input{{"organizationId", organization},
                     {"request", json{{"bodyBase64", base64_encode(body)}}}};
    EXPECT_TRUE(host.run("receiveOutboundMessage", input).ok);
    const json none{{"organizationId", organization}, {"request", json::object()}};
    EXPECT_EQ(host.run("receiveOutboundMessage", none).error.code, SLUICE_INVALID_INPUT);
}

TEST(salesforce_outbound, refuses_a_dtd) {
    const std::string one = notified("04lxx0000000001AAA", account, "<sf:Name>&x;</sf:Name>");
    for (const char* dtd :
         {"<!DOCTYPE x [<!ENTITY x \"y\">]>", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">",
          "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY x \"&a;&a;&a;&a;\">]>",
          "<!DOCTYPE Envelope>"}) {
        const call_result result = received(message(one, organization, dtd));
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << dtd;
        EXPECT_NE(result.error.message.find("DTD"), std::string::npos) << result.error.message;
    }
    EXPECT_EQ(received(message(one)).error.code, SLUICE_INVALID_INPUT);
}

TEST(salesforce_outbound, refuses_everything_else) {
    const std::string good = message(notified("04lxx0000000001AAA", account));
    const auto without = [&](const std::string& part, const std::string& instead = "") {
        std::string text = good;
        const std::size_t at = text.find(part);
        EXPECT_NE(at, text.npos) << part;
        return text.replace(at, part.size(), instead);
    };
    const std::string bad[] = {
        "",
        " ",
        "{}",
        "<a/>",
        std::string(1000, '<'),
        std::string("\0\0\0", 3),
        good.substr(0, good.size() - 1),
        good.substr(0, good.size() / 2),
        good + "<more/>",
        without("<Id>04lxx0000000001AAA</Id>"),
        without(R"( xsi:type="sf:Account")"),
        without("http://soap.sforce.com/2005/09/outbound", "http://evil.example/"),
        without("http://schemas.xmlsoap.org/soap/envelope/", "http://evil.example/"),
        message(""),
        message("<Notification/>"),
        message("<Other/>"),
        // What looks like a message, in the wrong place.
        "<a>" + good.substr(good.find("<soapenv:Envelope")) + "</a>",
        message("<x><x><x><x><x><x><x><x/></x></x></x></x></x></x></x>"),
        message("<Other><sObject xsi:type=\"sf:A\"/></Other>"),
    };
    for (const std::string& body : bad) {
        const call_result result = received(body);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << body << "\n" << result.explain();
        EXPECT_EQ(result.error.message.find("s3cr3t"), std::string::npos);
    }
}

TEST(salesforce_outbound, reads_large_messages) {
    const std::string text(500'000, 'x');
    const call_result result = received(
        message(notified("04lxx0000000001AAA", account, "<sf:Text__c>" + text + "</sf:Text__c>")));
    ASSERT_TRUE(result.ok) << result.error.message;
    EXPECT_EQ(result.output["events"][0]["body"]["fields"]["Text__c"].size(), text.size());
    std::string fields;
    for (int i = 0; i < 1001; ++i)
        fields += "<sf:F" + std::to_string(i) + "/>";
    EXPECT_EQ(received(message(notified("04lxx0000000001AAA", account, fields))).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(salesforce_outbound, refuses_bytes_that_are_no_text) {
    std::string bytes = message(notified("04lxx0000000001AAA", account, "<sf:Name>?</sf:Name>"));
    bytes[bytes.find('?', bytes.find("<sf:Name>"))] = '\xFF';
    EXPECT_THROW(read_outbound_message(bytes), failure);
}

// A finding of the sanitizers would end the test.
TEST(salesforce_outbound, survives_any_cut_and_any_changed_byte) {
    const std::string good =
        message(notified("04lxx0000000001AAA", account, "<sf:Name>A</sf:Name>"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (const char c : {'<', '>', '"', '&', '\0', '|'}) {
            std::string changed = good;
            changed[i] = c;
            try {
                read_outbound_message(changed);
            } catch (const failure& why) {
                EXPECT_EQ(why.code(), SLUICE_INVALID_INPUT);
            }
        }
    }
}

}  // namespace
}  // namespace sluice::salesforce::testing
