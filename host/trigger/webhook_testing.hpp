// What the tests of webhooks share: a store on disk, deployments and an engine on a loop that the
// test turns.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/base_testing.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/manual_loop.hpp"
#include "base/random.hpp"
#include "engine/engine.hpp"
#include "instance/deployments.hpp"
#include "store/sqlite_store.hpp"
#include "trigger/webhook.hpp"

namespace sluice::trigger {

class webhook_fixture : public testing::Test {
  protected:
    void TearDown() override {
        trigger_.reset();
        engine_.reset();
        deployments_.reset();
        if (store_) store_->close();
        store_.reset();
        loop_.clear();
    }

    // `nearly_full`: the disk has no room for new events.
    void open_store(bool nearly_full = false) {
        store::sqlite_options settings;
        settings.folder = folder_.path() / "data";
        settings.clock = &clock_;
        settings.disk.reserve_bytes = 0;
        if (nearly_full) {
            settings.disk.admit_above_bytes = std::int64_t{1} << 60;
            settings.disk.admit_above_percent = 100;
        }
        auto opened = store::open_sqlite_store(std::move(settings));
        ASSERT_TRUE(opened) << opened.error_value().to_text();
        store_ = std::move(*opened);
    }
    // Manifests and instances; `environment` is what `$env` finds.
    void deploy(const std::vector<std::filesystem::path>& files,
                std::function<std::optional<std::string>(const std::string&)> environment) {
        deployments_ =
            std::make_unique<instance::deployments>(*store_, random_, std::move(environment));
        const auto report = deployments_->apply(files);
        for (const base::error& problem : report.problems)
            ADD_FAILURE() << problem.to_text();
    }
    void start_engine(engine::call_port& calls, engine::engine_options options = {}) {
        engine_ = std::make_unique<engine::engine>(
            engine::engine_ports{loop_, clock_, random_, *store_, *deployments_, calls, ids_,
                                 nullptr, nullptr, at_once},
            std::move(options));
    }
    // The trigger hears of ends as in the host.
    void tell_ends() {
        engine_->observe_ends([this](store::event_id id, const engine::end_of_execution& end) {
            trigger_->on_end(id, end);
        });
    }

    std::filesystem::path write(const std::string& name, const std::string& content) {
        const std::filesystem::path file = folder_.path() / name;
        std::ofstream(file) << content;
        return file;
    }
    // The path of the first address of a flow for which `suits` holds.
    std::string path_of(const std::string& flow,
                        const std::function<bool(const instance::endpoint&)>& suits = {}) const {
        for (const instance::endpoint& one : deployments_->endpoints()) {
            if (one.flow == flow && (!suits || suits(one))) return one.url_path();
        }
        return "/hooks/none";
    }
    bool until(const std::function<bool()>& condition) {
        return base::wait_until([&] { return loop_.run_ready(), condition(); });
    }

    static void at_once(std::function<void()> work) { work(); }

    base::temporary_folder folder_;
    base::manual_clock clock_;
    base::manual_loop loop_{clock_};
    base::seeded_random random_{3};
    base::id_generator ids_{clock_, random_};
    std::unique_ptr<store::store> store_;
    std::unique_ptr<instance::deployments> deployments_;
    std::unique_ptr<engine::engine> engine_;
    std::unique_ptr<webhook> trigger_;
};

}  // namespace sluice::trigger
