// The GitHub connector: what its actions are. Each is documented for users in connector.json.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::github {

class connector {
  public:
    explicit connector(host&) {}

    // users.cpp
    task<json> get_authenticated_user(context& ctx, const json& input);

    // repositories.cpp
    task<json> get_repository(context& ctx, const json& input);

    // issues.cpp
    task<json> list_issues(context& ctx, const json& input);
    task<json> create_issue(context& ctx, const json& input);
    task<json> update_issue(context& ctx, const json& input);

    // comments.cpp
    task<json> list_comments(context& ctx, const json& input);
    task<json> create_comment(context& ctx, const json& input);

    // webhooks.cpp
    task<json> create_webhook(context& ctx, const json& input);
    task<json> list_webhooks(context& ctx, const json& input);
    task<json> delete_webhook(context& ctx, const json& input);
    task<json> verify_signature(context& ctx, const json& input);

    // reconcile.cpp
    task<json> reconcile_webhooks(context& ctx, const json& input);

    // deliveries.cpp
    task<json> list_failed_deliveries(context& ctx, const json& input);
    task<json> redeliver(context& ctx, const json& input);
};

}  // namespace sluice::github
