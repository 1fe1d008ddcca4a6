// What tests of the store share: short ways to make events and ops, and to wait for the writer.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "store/sqlite_store.hpp"
#include "store/store.hpp"

namespace sluice::store::testing {

using base::temporary_folder;

// An event of instance "acme", flow "orders".
new_event make_event(event_id id, std::string payload = R"({"n":1})", std::string dedupe_key = {},
                     std::string instance = "acme");
step_record make_step(std::string path, std::int64_t item = 0, std::string output = R"({"ok":1})");
op finished(event_id id, event_state state = event_state::succeeded,
            std::string output = R"({"done":true})", std::string error = {});
op recorded(event_id id, std::string path, std::int64_t item = 0,
            std::string output = R"({"ok":1})");

// Each queues one batch and waits for its answer.
base::result<std::vector<append_outcome>> append_and_wait(store& to, std::vector<new_event> events);
base::result<append_outcome> append_and_wait(store& to, new_event event);
base::result<commit_outcome> commit_and_wait(store& to, partition_id partition, epoch_number epoch,
                                             std::vector<op> ops);
// For events of "acme", under the current epoch.
base::result<commit_outcome> commit_and_wait(store& to, std::vector<op> ops);
base::result<void> put_config_and_wait(store& to, config_record record);
base::result<void> change_config_and_wait(store& to, std::vector<config_change> changes);

// A store in `folder` that asks for little disk space. The clock must outlive it.
sqlite_options small_options(const std::filesystem::path& folder, base::clock& time);

}  // namespace sluice::store::testing
