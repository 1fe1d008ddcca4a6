#include "salesforce.hpp"

#include <sluice/connector.hpp>

using sluice::action;
using sluice::salesforce::connector;

SLUICE_CONNECTOR(
    connector, "salesforce", action("query", &connector::query),
    action("listChanges", &connector::list_changes), action("getRecord", &connector::get_record),
    action("createRecord", &connector::create_record),
    action("updateRecord", &connector::update_record),
    action("upsertRecord", &connector::upsert_record),
    action("deleteRecord", &connector::delete_record),
    action("createRecords", &connector::create_records),
    action("updateRecords", &connector::update_records),
    action("upsertRecords", &connector::upsert_records),
    action("deleteRecords", &connector::delete_records), action("composite", &connector::composite),
    action("getIdentity", &connector::get_identity), action("getLimits", &connector::get_limits),
    action("listObjects", &connector::list_objects),
    action("describeObject", &connector::describe_object),
    action("bulkIngest", &connector::bulk_ingest), action("bulkResults", &connector::bulk_results),
    action("bulkQuery", &connector::bulk_query),
    action("bulkQueryResults", &connector::bulk_query_results),
    action("getBulkJob", &connector::get_bulk_job),
    action("awaitBulkJob", &connector::await_bulk_job),
    action("abortBulkJob", &connector::abort_bulk_job),
    action("receiveOutboundMessage", &connector::receive_outbound_message),
    action("createOutboundMessage", &connector::create_outbound_message),
    action("deleteOutboundMessage", &connector::delete_outbound_message),
    action("reconcileOutboundMessages", &connector::reconcile_outbound_messages))
