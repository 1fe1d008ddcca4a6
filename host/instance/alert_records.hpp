// Alerts that are raised, as the store keeps them (store::alert_op).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/alert_writer.hpp"
#include "instance/prepare.hpp"
#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::instance {

struct raised_alert {
    std::string key;  // of the record
    std::string instance;
    std::string alert;  // its name in the manifest
    std::string kind;   // "failure", "overdue" or "connection"
    std::string about;  // the flow or the connection
    std::int64_t since_ms = 0;
    std::int64_t last_ms = 0;
    std::int64_t count = 0;            // how often since then
    std::string execution;             // the last one that failed; empty: none
    json::value error;                 // of the last time; null: none
    bool resumable = true;             // the execution
    std::vector<std::string> refused;  // of a connection: the actions that were, "shop.buy"
};

// All of them, by key. Blocks.
base::result<std::vector<raised_alert>> read_alerts(store::reader& from);

// "import of acme has failed 3 times since 2026-11-30T10:00:00Z: Unavailable: no answer"
std::string sentence_of(const raised_alert& one);
// What an operator does about it.
std::string advice_on(const raised_alert& one);

// Of these, those whose alert is not declared any more. `now` says what is there; null: the
// instance is gone. Of others nothing is known, and they are not among them.
std::vector<raised_alert> undeclared(const std::vector<raised_alert>& all,
                                     const std::map<std::string, integration_ptr>& now);
// Removes their records; nobody is told. Loop thread.
void drop(engine::alert_writer& with, const std::vector<raised_alert>& which);

}  // namespace sluice::instance
