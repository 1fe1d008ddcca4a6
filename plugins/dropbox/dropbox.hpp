// The Dropbox connector: what its actions are. Each is documented for users in connector.json.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::dropbox {

class connector {
  public:
    explicit connector(host&) {}

    // account.cpp
    task<json> get_current_account(context& ctx, const json& input);

    // folders.cpp
    task<json> list_folder(context& ctx, const json& input);
    task<json> create_folder(context& ctx, const json& input);

    // changes.cpp
    task<json> list_changes(context& ctx, const json& input);
    task<json> longpoll(context& ctx, const json& input);

    // entries.cpp
    task<json> get_metadata(context& ctx, const json& input);
    task<json> delete_entry(context& ctx, const json& input);

    // relocation.cpp
    task<json> move(context& ctx, const json& input);
    task<json> copy(context& ctx, const json& input);

    // download.cpp
    task<json> download(context& ctx, const json& input);

    // upload.cpp
    task<json> upload(context& ctx, const json& input);

    // links.cpp
    task<json> create_shared_link(context& ctx, const json& input);
    task<json> list_shared_links(context& ctx, const json& input);

    // notifications.cpp
    task<json> receive_notification(context& ctx, const json& input);
};

}  // namespace sluice::dropbox
