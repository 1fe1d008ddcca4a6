#include "soap_message.hpp"

#include <expat.h>

#include <climits>
#include <memory>
#include <sluice/failure.hpp>

namespace sluice::salesforce {
namespace {

constexpr std::size_t most_notifications = 100;
constexpr std::size_t deepest = 8;
constexpr std::size_t most_fields = 1000;

// As expat gives names: namespace, separator, name.
constexpr char separator = '|';
constexpr std::string_view envelope = "http://schemas.xmlsoap.org/soap/envelope/|Envelope";
constexpr std::string_view body = "http://schemas.xmlsoap.org/soap/envelope/|Body";
constexpr std::string_view outbound = "http://soap.sforce.com/2005/09/outbound|";
constexpr std::string_view record_type = "http://www.w3.org/2001/XMLSchema-instance|type";

failure malformed(const std::string& why) {
    return failure(SLUICE_INVALID_INPUT, "the request is no outbound message: " + why);
}

std::string_view local_name(std::string_view name, char before) {
    return name.substr(name.rfind(before) == name.npos ? 0 : name.rfind(before) + 1);
}

// Collects what the message says while expat reads it. Exceptions must not cross expat's C frames:
// the first problem is kept, and reading stops.
class reader {
  public:
    outbound_message read(std::string_view xml) {
        const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(
            XML_ParserCreateNS(nullptr, separator), &XML_ParserFree);
        if (!parser) throw failure(SLUICE_INTERNAL, "there is no memory for a parser");
        if (xml.size() > INT_MAX) throw malformed("it is too large");
        parser_ = parser.get();
        XML_SetUserData(parser_, this);
        XML_SetElementHandler(parser_, &started, &ended);
        XML_SetCharacterDataHandler(parser_, &text);
        XML_SetStartDoctypeDeclHandler(parser_, &doctype);
        const auto status = XML_Parse(parser_, xml.data(), static_cast<int>(xml.size()), XML_TRUE);
        if (!problem_.empty()) throw malformed(problem_);
        if (status != XML_STATUS_OK) {
            throw malformed(XML_ErrorString(XML_GetErrorCode(parser_)) + std::string(", line ") +
                            std::to_string(XML_GetCurrentLineNumber(parser_)));
        }
        check();
        return std::move(message_);
    }

  private:
    // The names of the elements that are open, from the envelope on.
    enum place : std::size_t {
        at_envelope,
        at_body,
        at_message,
        at_part,
        in_notification,
        at_field
    };

    static void started(void* user, const XML_Char* name, const XML_Char** attributes) noexcept {
        auto& self = *static_cast<reader*>(user);
        self.guarded([&] { self.start(name, attributes); });
    }
    static void ended(void* user, const XML_Char*) noexcept {
        auto& self = *static_cast<reader*>(user);
        self.guarded([&] { self.end(); });
    }
    static void text(void* user, const XML_Char* part, int size) noexcept {
        auto& self = *static_cast<reader*>(user);
        self.guarded([&] { self.text_.append(part, static_cast<std::size_t>(size)); });
    }
    static void doctype(void* user, const XML_Char*, const XML_Char*, const XML_Char*,
                        int) noexcept {
        auto& self = *static_cast<reader*>(user);
        self.guarded([] { throw malformed("it has a DTD"); });
    }

    template <class Step>
    void guarded(Step step) noexcept {
        if (!problem_.empty()) return;
        try {
            step();
        } catch (const failure& why) {
            problem_ = why.message().substr(malformed("").message().size());
            XML_StopParser(parser_, XML_FALSE);
        } catch (const std::exception&) {
            problem_ = "it is too large";
            XML_StopParser(parser_, XML_FALSE);
        }
    }

    void start(std::string_view name, const XML_Char** attributes) {
        expect(name);
        open_.emplace_back(name);
        if (open_.size() > deepest) throw malformed("it is too deep");
        text_.clear();
        if (is_open(at_part, "Notification") && open_.size() == at_part + 1) {
            if (message_.notifications.size() == most_notifications) {
                throw malformed("it has more than 100 notifications");
            }
            message_.notifications.push_back({{}, {}, json::object()});
        }
        if (is_open(at_part, "Notification") && is_open(in_notification, "sObject") &&
            open_.size() == in_notification + 1) {
            for (const XML_Char** each = attributes; each[0] != nullptr; each += 2) {
                // Its prefix, "sf:", is the record's namespace.
                if (each[0] == record_type) {
                    message_.notifications.back().type = local_name(each[1], ':');
                }
            }
        }
    }

    // The first elements are always the same.
    void expect(std::string_view name) const {
        const std::size_t level = open_.size();
        if (level == at_envelope && name != envelope) throw malformed("it is no SOAP envelope");
        // A header, of which nothing is needed, may stand before the body.
        if (level == at_message && open_[at_body] == body &&
            name != std::string(outbound) + "notifications") {
            throw malformed("its body is not `notifications`");
        }
    }

    bool is_open(std::size_t level, std::string_view name) const {
        return open_.size() > level && open_[at_body] == body &&
               open_[level] == std::string(outbound) + std::string(name);
    }

    void end() {
        const std::size_t level = open_.size() - 1;
        if (level == at_part && is_open(at_part, "OrganizationId"))
            message_.organization_id = text_;
        if (level == at_part && is_open(at_part, "ActionId")) message_.action_id = text_;
        const bool notified = is_open(at_part, "Notification");
        if (notified && level == in_notification && is_open(in_notification, "Id")) {
            message_.notifications.back().id = text_;
        }
        if (notified && level == at_field && is_open(in_notification, "sObject")) {
            json& fields = message_.notifications.back().fields;
            if (fields.size() == most_fields) throw malformed("a record has too many fields");
            fields.set(local_name(open_.back(), separator), text_);
        }
        open_.pop_back();
        text_.clear();
    }

    void check() const {
        if (message_.organization_id.empty()) throw malformed("it has no OrganizationId");
        if (message_.notifications.empty()) throw malformed("it has no Notification");
        for (const notification& one : message_.notifications) {
            if (one.id.empty()) throw malformed("a Notification has no Id");
            if (one.has_record() && one.type.empty()) throw malformed("a record has no type");
        }
    }

    XML_Parser parser_ = nullptr;
    outbound_message message_;
    std::vector<std::string> open_;
    std::string text_;
    std::string problem_;
};

}  // namespace

outbound_message read_outbound_message(std::string_view xml) { return reader().read(xml); }

std::string acknowledgement() {
    return R"(<?xml version="1.0" encoding="UTF-8"?>)"
           R"(<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">)"
           R"(<soapenv:Body>)"
           R"(<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">)"
           R"(<Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>)";
}

}  // namespace sluice::salesforce
