#include "your_app.hpp"

using sluice::action;
using your_app::connector;

// The ids are those of connector.json.
SLUICE_CONNECTOR(connector, "your-app", action("createRecord", &connector::create_record),
                 action("getRecord", &connector::get_record),
                 action("updateRecord", &connector::update_record),
                 action("upsertRecords", &connector::upsert_records),
                 action("listRecords", &connector::list_records),
                 action("createWebhook", &connector::create_webhook),
                 action("listWebhooks", &connector::list_webhooks),
                 action("deleteWebhook", &connector::delete_webhook),
                 action("reconcileWebhooks", &connector::reconcile_webhooks),
                 action("verifySignature", &connector::verify_signature))
