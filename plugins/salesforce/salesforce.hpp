// The connector: one member function for each action of connector.json.
#pragma once

#include <sluice/connector.hpp>

namespace sluice::salesforce {

class connector {
  public:
    explicit connector(host&) {}

    // query.cpp
    task<json> query(context& ctx, const json& input);
    // changes.cpp
    task<json> list_changes(context& ctx, const json& input);
    // records.cpp
    task<json> get_record(context& ctx, const json& input);
    task<json> create_record(context& ctx, const json& input);
    task<json> update_record(context& ctx, const json& input);
    task<json> upsert_record(context& ctx, const json& input);
    task<json> delete_record(context& ctx, const json& input);
    // collections.cpp
    task<json> create_records(context& ctx, const json& input);
    task<json> update_records(context& ctx, const json& input);
    task<json> upsert_records(context& ctx, const json& input);
    task<json> delete_records(context& ctx, const json& input);
    // composite.cpp
    task<json> composite(context& ctx, const json& input);
    // describe.cpp
    task<json> get_identity(context& ctx, const json& input);
    task<json> get_limits(context& ctx, const json& input);
    task<json> list_objects(context& ctx, const json& input);
    task<json> describe_object(context& ctx, const json& input);
    // bulk_ingest.cpp, bulk_query.cpp, bulk_jobs.cpp
    task<json> bulk_ingest(context& ctx, const json& input);
    task<json> bulk_results(context& ctx, const json& input);
    task<json> bulk_query(context& ctx, const json& input);
    task<json> bulk_query_results(context& ctx, const json& input);
    task<json> get_bulk_job(context& ctx, const json& input);
    task<json> await_bulk_job(context& ctx, const json& input);
    task<json> abort_bulk_job(context& ctx, const json& input);
    // outbound_message.cpp
    task<json> receive_outbound_message(context& ctx, const json& input);
    // outbound_setup.cpp
    task<json> create_outbound_message(context& ctx, const json& input);
    task<json> delete_outbound_message(context& ctx, const json& input);
    task<json> reconcile_outbound_messages(context& ctx, const json& input);
};

}  // namespace sluice::salesforce
