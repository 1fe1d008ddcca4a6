// The connector of a product called Your App. To wrap your own product, copy this folder, rename,
// and change: api.cpp (how a request is authorised, how an error looks), records.cpp and
// webhooks.cpp (your resources), connector.json (what people see).
#pragma once

#include <sluice/connector.hpp>

namespace your_app {

using sluice::context;
using sluice::json;
using sluice::task;

class connector {
  public:
    explicit connector(sluice::host&) {}

    // records.cpp
    task<json> create_record(context& ctx, const json& input);
    task<json> get_record(context& ctx, const json& input);
    task<json> update_record(context& ctx, const json& input);
    task<json> upsert_records(context& ctx, const json& input);
    task<json> list_records(context& ctx, const json& input);

    // webhooks.cpp
    task<json> create_webhook(context& ctx, const json& input);
    task<json> list_webhooks(context& ctx, const json& input);
    task<json> delete_webhook(context& ctx, const json& input);
    task<json> verify_signature(context& ctx, const json& input);

    // reconcile.cpp
    task<json> reconcile_webhooks(context& ctx, const json& input);
};

}  // namespace your_app
