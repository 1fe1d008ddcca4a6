// The mail connector: what its actions are. Each is documented for users in connector.json. All
// block: libcurl and GMime wait on the connector's pool.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::mail {

class connector {
  public:
    connector();

    // send.cpp
    json send(context& ctx, const json& input);
    json check_smtp(context& ctx, const json& input);

    // list_messages.cpp
    json list_new_messages(context& ctx, const json& input);

    // messages.cpp
    json check_imap(context& ctx, const json& input);
    json list_folders(context& ctx, const json& input);
    json get_message(context& ctx, const json& input);
    json move_message(context& ctx, const json& input);
    json set_flags(context& ctx, const json& input);
    json delete_message(context& ctx, const json& input);
};

}  // namespace sluice::mail
