// A store whose disk takes no changes while a test says so. Writes reach it one turn of the loop
// late: what a crash finds on its way is lost, as in a process that dies.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "base/event_loop.hpp"
#include "store/store.hpp"

namespace sluice::engine {

class flaky_store final : public store::store {
  public:
    // `fails` may change at any time; it outlives the store, as the loop does.
    flaky_store(std::unique_ptr<store> real, base::event_loop& loop, const bool& fails)
        : real_(std::move(real)), loop_(loop), fails_(fails) {}

    void append(std::vector<sluice::store::new_event> events, appended answer) override {
        loop_.post([this, events = std::move(events), answer = std::move(answer)]() mutable {
            if (fails_) return answer(full());
            real_->append(std::move(events), std::move(answer));
        });
    }
    void commit(sluice::store::partition_id partition, sluice::store::epoch_number epoch,
                std::vector<sluice::store::op> ops, committed answer) override {
        loop_.post(
            [this, partition, epoch, ops = std::move(ops), answer = std::move(answer)]() mutable {
                if (fails_) return answer(full());
                real_->commit(partition, epoch, std::move(ops), std::move(answer));
            });
    }
    void change_config(std::vector<sluice::store::config_change> changes, done finished) override {
        if (config_fails && config_fails()) return finished(full());
        real_->change_config(std::move(changes), std::move(finished));
    }
    base::result<std::vector<sluice::store::log_line>> log_lines(sluice::store::event_id id,
                                                                 std::int64_t after,
                                                                 int limit) override {
        return real_->log_lines(id, after, limit);
    }
    base::result<void> copy_to(const std::string& file) override { return real_->copy_to(file); }
    base::result<sluice::store::ended_page> ended_before(std::int64_t before_ms,
                                                         sluice::store::event_id after,
                                                         int limit) override {
        return real_->ended_before(before_ms, after, limit);
    }
    void remove(std::vector<sluice::store::event_id> ended, removed finished) override {
        real_->remove(std::move(ended), std::move(finished));
    }
    base::result<std::vector<sluice::store::event_id>> unknown_of(
        const std::vector<sluice::store::event_id>& ids) override {
        return real_->unknown_of(ids);
    }
    base::result<sluice::store::epoch_number> acquire(
        sluice::store::partition_id partition) override {
        return real_->acquire(partition);
    }
    base::result<void> renew(sluice::store::partition_id partition,
                             sluice::store::epoch_number epoch) override {
        return real_->renew(partition, epoch);
    }
    void release(sluice::store::partition_id partition,
                 sluice::store::epoch_number epoch) override {
        real_->release(partition, epoch);
    }
    base::result<std::vector<sluice::store::ready_event>> load_ready(
        sluice::store::partition_id partition, sluice::store::event_id after, int limit) override {
        return real_->load_ready(partition, after, limit);
    }
    base::result<std::vector<sluice::store::ready_event>> load_ready_all(
        sluice::store::event_id after, int limit) override {
        return real_->load_ready_all(after, limit);
    }
    base::result<std::string> payload(sluice::store::event_id id) override {
        return real_->payload(id);
    }
    base::result<std::vector<sluice::store::step_record>> checkpoints(
        sluice::store::event_id id) override {
        return real_->checkpoints(id);
    }
    base::result<sluice::store::state_value> state_get(const std::string& instance,
                                                       const std::string& flow,
                                                       const std::string& key) override {
        return real_->state_get(instance, flow, key);
    }
    base::result<sluice::store::event_id> last_id() override { return real_->last_id(); }
    base::result<std::vector<sluice::store::signal_record>> signals(const std::string& instance,
                                                                    std::int64_t after,
                                                                    int limit) override {
        return real_->signals(instance, after, limit);
    }
    base::result<std::int64_t> last_signal() override { return real_->last_signal(); }
    base::result<std::vector<sluice::store::execution_summary>> history(
        const sluice::store::history_filter& filter) override {
        return real_->history(filter);
    }
    base::result<sluice::store::execution_detail> execution(sluice::store::event_id id) override {
        return real_->execution(id);
    }
    base::result<std::vector<sluice::store::config_record>> config(
        const std::string& kind) override {
        return real_->config(kind);
    }
    base::result<std::vector<sluice::store::config_record>> config_before(const std::string& kind,
                                                                          const std::string& before,
                                                                          int limit) override {
        return real_->config_before(kind, before, limit);
    }
    base::result<sluice::store::health_report> health() override { return real_->health(); }
    void close() override { real_->close(); }

    // Asked before each change of the configuration; may be empty.
    std::function<bool()> config_fails;

  private:
    static base::error full() {
        return base::make_error(base::error_code::unavailable, "the disk is full");
    }

    std::unique_ptr<store> real_;
    base::event_loop& loop_;
    const bool& fails_;
};

}  // namespace sluice::engine
