// Changes of what is deployed while a host runs, on a real store; "restart" is a new process.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/encoding.hpp"
#include "base/manual_loop.hpp"
#include "base/seal.hpp"
#include "engine/flaky_store_testing.hpp"
#include "instance/changes.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::instance {

class changes_world {
  public:
    using texts = std::vector<std::string>;

    changes_world() { start(); }
    ~changes_world() { end(); }

    void start() {
        store::sqlite_options options;
        options.folder = folder_.path() / "data";
        options.clock = &clock_;
        options.disk.reserve_bytes = 0;
        auto store = std::make_unique<engine::flaky_store>(
            std::move(store::open_sqlite_store(std::move(options)).value()), loop_, disk_fails_);
        store->config_fails = [this] {
            if (before_write_) std::exchange(before_write_, {})();
            if (writes_left_ > 0) return --writes_left_ < 0;
            return writes_left_ == 0;
        };
        store_ = std::move(store);
        auto keys = master_keys::parse(
            base::secret(base::to_base64(std::string(base::seal_key_size, 'k'))), "test");
        vault_ = std::move(vault::open(*store_, std::move(*keys), random_).value());
        host_ = std::make_unique<deployments>(
            *store_, random_,
            [this](const std::string& name) {
                return name == "KEY" ? variable_ : std::optional<std::string>();
            },
            secret_fields{}, vault_.get());
        const apply_report report = host_->apply({});
        warnings_ = report.warnings;
        ASSERT_TRUE(report.ok()) << report.problems.front().to_text();
        host_->set_public_url("https://hooks.test");
        const auto later = [this](std::function<void()> work) { loop_.post(std::move(work)); };
        states_ = std::make_unique<lifecycle>(lifecycle_ports{
            loop_, clock_, ids_, *store_, later,
            [this](const store::new_event& event, json::value) { begun_.push_back(event); },
            [this](const std::string& name, store::config_change record, auto finished) {
                forget_instance(*store_, *vault_, name, std::move(record), std::move(finished));
            },
            [this](const std::string& name, const deployment_record& now) {
                if (now.state == deployment_record::state_kind::removed) host_->forget(name);
            }});
        ASSERT_TRUE(states_->start(host_->wanted({})));
        changes_ = std::make_unique<changes>(
            change_ports{loop_,
                         *store_,
                         *host_,
                         *states_,
                         later,
                         {},
                         [this](const texts& names, std::function<void()> done) {
                             followed_ = names;
                             loop_.post(std::move(done));
                         },
                         {},
                         {},
                         [this](const std::string& owner, const std::set<std::string>& names) {
                             connections_of_[owner] = names;
                         },
                         [this](const connection_id& id) { now_shared_.push_back(id); }});
        settle();
    }
    void end() {
        changes_.reset();
        states_.reset();
        host_.reset();
        store_->close();
        loop_.clear();
        vault_.reset();
        store_.reset();
        begun_.clear();
    }
    void restart() {
        end();
        start();
    }
    // Until nothing has been written for a moment: records of the lifecycle included.
    void settle() {
        turn_until([this] { return store_->health()->queued == 0; });
        for (int quiet = 0; quiet < 3;) {
            const auto before = store_->health()->batches;
            loop_.run_ready();
            quiet = store_->health()->batches == before && loop_.run_ready() == 0 ? quiet + 1 : 0;
        }
    }
    void turn_until(const std::function<bool()>& condition) {
        ASSERT_TRUE(base::wait_until([&] {
            loop_.run_ready();
            return condition();
        }));
    }

    change_result make(change_request request) {
        std::optional<change_result> out;
        changes_->make(std::move(request), [&](change_result told) { out = std::move(told); });
        turn_until([&] { return out.has_value(); });
        return out.value_or(change_result{});
    }
    change_result apply(std::vector<document> documents, bool dry_run = false) {
        change_request request;
        request.documents = std::move(documents);
        request.dry_run = dry_run;
        return make(std::move(request));
    }
    change_result change(const std::string& name, edit how) {
        change_request request;
        request.edits.emplace(name, std::move(how));
        return make(std::move(request));
    }
    static document integration(const std::string& release = "1.0.0",
                                const std::string& flows = "") {
        return {"integration.yaml", R"(manifest: "1"
integration: { namespace: test, name: one, version: )" +
                                        release + R"( }
config:
  region: { type: string, default: north }
  limit: { type: integer }
  key: { type: secret }
flows:
  hook: { trigger: { webhook: {} }, do: [ { a: { set: ")" +
                                        release + R"(" } } ] }
)" + flows};
    }
    static document instance(const std::string& name, const std::string& config = "") {
        return {name + ".yaml", "instance: " + name + "\ncustomer: of-" + name +
                                    "\nintegration: test/one\nconfig: { " + config + " }\n"};
    }
    static constexpr const char* with_lifecycle =
        "  up: { trigger: { deploy: {} }, do: [ { a: { set: 1 } } ] }\n"
        "  down: { trigger: { undeploy: {} }, do: [ { a: { set: 1 } } ] }\n";
    // The execution that was begun last ends.
    void end_run(bool well) {
        turn_until([this] { return !begun_.empty(); });
        engine::end_of_execution how;
        how.how = well ? engine::end_of_execution::kind::succeeded
                       : engine::end_of_execution::kind::failed;
        const store::event_id id = begun_.back().id;
        begun_.pop_back();
        states_->on_end(id, how);
        settle();
    }
    std::string state(const std::string& name) {
        const deployment_record* const found = states_->record(name);
        return found == nullptr ? "unknown" : to_string(found->state);
    }
    std::string region(const std::string& name) {
        const flow_ptr flow = host_->current(name, "hook");
        return flow ? flow->config.string_or("region", "") : "not there";
    }
    std::string version(const std::string& name) {
        const auto found = host_->find_instance(name);
        return found ? found->version : "not there";
    }
    std::size_t records(const char* kind) { return store_->config(kind)->size(); }
    static std::string words(const change_result& of) {
        std::string out;
        for (const base::error& one : of.problems)
            out += "! " + one.to_text() + '\n';
        for (const planned& one : of.plan) {
            out += std::string(to_string(one.change)) + ' ' + one.object + '\n';
            for (const std::string& sentence : one.details)
                out += "  " + sentence + '\n';
        }
        return out;
    }

    base::temporary_folder folder_;
    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    base::seeded_random random_{11};
    base::id_generator ids_{clock_, random_};
    std::optional<std::string> variable_ = "value-of-key";
    bool disk_fails_ = false;
    int writes_left_ = -1;  // so many changes of the configuration work, no later one; -1: all
    std::function<void()> before_write_;  // of the configuration, once
    std::unique_ptr<store::store> store_;
    std::unique_ptr<vault> vault_;
    std::unique_ptr<deployments> host_;
    std::unique_ptr<lifecycle> states_;
    std::unique_ptr<changes> changes_;
    std::vector<store::new_event> begun_;
    std::vector<base::error> warnings_;  // of the last start
    texts followed_;
    std::map<std::string, std::set<std::string>> connections_of_;  // owners that changed
    std::vector<connection_id> now_shared_;
};

}  // namespace sluice::instance
