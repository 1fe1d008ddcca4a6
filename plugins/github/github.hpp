// The GitHub connector: what its actions are. Each is documented for users in connector.json.
#pragma once

#include <sluice/connector.hpp>

#include "app_tokens.hpp"

namespace sluice::github {

class connector {
  public:
    explicit connector(host&) {}

    // users.cpp
    task<json> get_authenticated_user(context& ctx, const json& input);
    task<json> list_installation_repositories(context& ctx, const json& input);

    // repositories.cpp
    task<json> get_repository(context& ctx, const json& input);

    // issues.cpp
    task<json> list_issues(context& ctx, const json& input);
    task<json> create_issue(context& ctx, const json& input);
    task<json> update_issue(context& ctx, const json& input);

    // comments.cpp
    task<json> list_comments(context& ctx, const json& input);
    task<json> create_comment(context& ctx, const json& input);

    // pull_requests.cpp
    task<json> list_pull_requests(context& ctx, const json& input);
    task<json> get_pull_request(context& ctx, const json& input);
    task<json> create_pull_request(context& ctx, const json& input);
    task<json> update_pull_request(context& ctx, const json& input);
    task<json> merge_pull_request(context& ctx, const json& input);
    task<json> list_pull_request_files(context& ctx, const json& input);

    // releases.cpp
    task<json> list_releases(context& ctx, const json& input);
    task<json> get_latest_release(context& ctx, const json& input);
    task<json> create_release(context& ctx, const json& input);
    task<json> update_release(context& ctx, const json& input);
    task<json> delete_release(context& ctx, const json& input);

    // release_assets.cpp
    task<json> upload_release_asset(context& ctx, const json& input);

    // contents.cpp
    task<json> get_contents(context& ctx, const json& input);
    task<json> put_contents(context& ctx, const json& input);

    // workflows.cpp
    task<json> dispatch_workflow(context& ctx, const json& input);
    task<json> list_workflow_runs(context& ctx, const json& input);
    task<json> get_workflow_run(context& ctx, const json& input);

    // search.cpp
    task<json> search_issues(context& ctx, const json& input);
    task<json> search_code(context& ctx, const json& input);
    task<json> search_repositories(context& ctx, const json& input);

    // issue_changes.cpp
    task<json> list_issue_changes(context& ctx, const json& input);

    // news.cpp
    task<json> list_events(context& ctx, const json& input);
    task<json> list_new_releases(context& ctx, const json& input);

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

    // sweep.cpp
    task<json> sweep_failed_deliveries(context& ctx, const json& input);

  private:
    app_tokens tokens_;
};

}  // namespace sluice::github
