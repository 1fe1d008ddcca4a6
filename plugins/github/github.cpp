#include "github.hpp"

#include <sluice/connector.hpp>

using sluice::action;
using sluice::github::connector;

SLUICE_CONNECTOR(connector, "github", action("verifySignature", &connector::verify_signature),
                 action("createWebhook", &connector::create_webhook),
                 action("listWebhooks", &connector::list_webhooks),
                 action("deleteWebhook", &connector::delete_webhook),
                 action("reconcileWebhooks", &connector::reconcile_webhooks),
                 action("listFailedDeliveries", &connector::list_failed_deliveries),
                 action("redeliver", &connector::redeliver),
                 action("getAuthenticatedUser", &connector::get_authenticated_user),
                 action("getRepository", &connector::get_repository),
                 action("listIssues", &connector::list_issues),
                 action("createIssue", &connector::create_issue),
                 action("updateIssue", &connector::update_issue),
                 action("listComments", &connector::list_comments),
                 action("createComment", &connector::create_comment))
