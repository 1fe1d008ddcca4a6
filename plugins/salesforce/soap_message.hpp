// Reads an outbound message: the SOAP envelope in which Salesforce sends notifications.
#pragma once

#include <cstddef>
#include <sluice/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::salesforce {

struct notification {
    std::string id;    // the same one in each attempt to deliver it
    std::string type;  // of the record: "Account"
    json fields;       // texts by name, as sent; empty fields are not sent

    // The record was deleted before Salesforce came to send it: not even its id is known.
    bool has_record() const { return !fields["Id"].empty(); }
};

struct outbound_message {
    std::string organization_id;
    std::string action_id;
    std::vector<notification> notifications;
};

// SLUICE_INVALID_INPUT for anything but a whole outbound message: other or broken XML, a DTD, one
// that lacks an id of its own, more than 100 notifications. The session id that a message may carry
// is not read.
outbound_message read_outbound_message(std::string_view xml);

// What Salesforce wants to hear: <Ack>true</Ack>.
std::string acknowledgement();

}  // namespace sluice::salesforce
