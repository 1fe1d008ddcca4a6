#include "plugin/registry.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "base/thread.hpp"
#include "plugin/call_slots.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/folder_survey.hpp"
#include "plugin/private_copy.hpp"

namespace sluice::plugin {

namespace {

// One version of one connector, as the folder has it.
struct entry {
    std::shared_ptr<connector> held;
    std::shared_ptr<connector_state> state;
    bool present = true;  // false: its file is gone; only for those who ask for this version
};

}  // namespace

class registry::impl {
  public:
    impl(host_ports ports, host_options options)
        : shared_(std::make_shared<environment>(std::move(ports), std::move(options))),
          alive_(std::make_shared<impl*>(this)),
          observer_(std::make_shared<folder_observer>(shared_->ports.clock, shared_->options)),
          watcher_("connectors", 1, 1) {}
    ~impl() { stop_watching(); }

    void take(folder_survey seen);
    base::result<void> rescan();
    void watch();
    void stop_watching();
    void shutdown(std::int64_t patience_ms, std::function<void(std::size_t)> done);

    using versions = std::map<version, entry, std::greater<>>;

    std::shared_ptr<environment> shared_;
    std::map<std::string, versions, std::less<>> connectors_;
    // Replaced by other content under the same version, but still running calls or counted.
    std::vector<std::shared_ptr<connector_state>> replaced_;
    std::vector<refusal> refused_;

  private:
    void add(found_connector found, std::filesystem::path copy);
    void tidy();
    void plan_next_look();
    void look();

    std::shared_ptr<impl*> alive_;  // null inside once we are gone
    std::shared_ptr<folder_observer>
        observer_;  // used by one thread at a time: looking_ says whose it is
    base::event_loop::timer_id timer_ = 0;
    bool tidied_ = false;
    bool watching_ = false;
    bool looking_ = false;
    std::string last_failure_;
    base::blocking_pool watcher_;
};

void registry::impl::add(found_connector found, std::filesystem::path copy) {
    versions& known = connectors_[found.description.id];
    const version number = found.description.version;
    const auto before = known.find(number);
    if (before != known.end()) {
        before->second.present = true;
        if (before->second.state->found.sha256 == found.sha256 &&
            before->second.state->found.file == found.file) {
            return;
        }
        before->second.state->set_present(false);
        replaced_.push_back(before->second.state);
    }
    auto state = std::make_shared<connector_state>(shared_, std::move(found), std::move(copy));
    base::log(base::log_level::info, "connector " + state->name + " is available",
              {{"file", state->found.file.string()}, {"sha256", state->found.sha256}});
    known[number] = entry{std::make_shared<connector>(state), state, true};
}

void registry::impl::take(folder_survey seen) {
    for (auto& [id, known] : connectors_) {
        // A file that is being overwritten looks broken for a moment, and one that was overwritten
        // with something broken should not stop what works: the last good content stays in use.
        for (auto& [number, each] : known) {
            const auto& file = each.state->found.file;
            const bool refused =
                std::ranges::find(seen.refused, file, &refusal::file) != seen.refused.end();
            each.present = each.present && refused;
        }
    }
    for (auto& [found, copy] : seen.usable)
        add(std::move(found), std::move(copy));
    for (auto& [id, known] : connectors_) {
        for (auto& [number, each] : known)
            each.state->set_present(each.present);
    }
    for (const refusal& refused : seen.refused) {
        const auto same = [&](const refusal& old) {
            return old.file == refused.file && old.reason == refused.reason;
        };
        if (std::ranges::any_of(refused_, same)) continue;
        base::log(base::log_level::warning, "connector file refused: " + refused.reason,
                  {{"file", refused.file.string()}, {"next", refused.next_step}});
    }
    refused_ = std::move(seen.refused);
}

base::result<void> registry::impl::rescan() {
    // While the watcher looks, the observer is its own; a fresh one remembers nothing, that is all.
    folder_observer fresh(shared_->ports.clock, shared_->options);
    auto seen = (looking_ ? fresh : *observer_).look();
    if (!seen) return seen.error_value();
    take(std::move(*seen));
    if (!std::exchange(tidied_, true)) tidy();
    return {};
}

// Only at the start: later a connector whose file is gone may still have to be loaded.
void registry::impl::tidy() {
    std::set<std::filesystem::path> in_use;
    for (const auto& [id, known] : connectors_) {
        for (const auto& [number, each] : known)
            in_use.insert(each.state->copy());
    }
    remove_other_copies(shared_->options.cache_folder, in_use);
    // Of runners of a host that was killed.
    std::error_code ignored;
    if (!shared_->options.runner_folder.empty()) {
        std::filesystem::remove_all(shared_->options.runner_folder, ignored);
    }
}

void registry::impl::watch() {
    if (std::exchange(watching_, true)) return;
    plan_next_look();
}

void registry::impl::stop_watching() {
    watching_ = false;
    if (timer_ != 0) shared_->ports.loop.cancel(std::exchange(timer_, 0));
}

void registry::impl::plan_next_look() {
    timer_ = shared_->ports.loop.run_after(shared_->options.rescan_ms,
                                           [this, alive = std::weak_ptr(alive_)] {
                                               if (alive.expired()) return;
                                               timer_ = 0;
                                               look();
                                           });
}

void registry::impl::look() {
    if (!watching_) return;
    if (looking_) return plan_next_look();
    looking_ = true;
    const bool queued =
        watcher_.submit([shared = shared_, by = observer_, alive = std::weak_ptr(alive_)] {
            auto seen = std::make_shared<base::result<folder_survey>>(by->look());
            shared->ports.loop.post([alive, seen] {
                const auto self = alive.lock();
                if (!self) return;
                impl& here = **self;
                here.looking_ = false;
                const std::string failure = *seen ? "" : seen->error_value().to_text();
                if (!failure.empty() && failure != here.last_failure_) {
                    base::log(base::log_level::error, failure);
                }
                here.last_failure_ = failure;
                if (*seen) here.take(std::move(**seen));
                if (here.watching_) here.plan_next_look();
            });
        });
    if (!queued) {
        looking_ = false;
        plan_next_look();
    }
}

void registry::impl::shutdown(std::int64_t patience_ms, std::function<void(std::size_t)> done) {
    stop_watching();
    struct progress {
        std::size_t open = 0;
        base::event_loop::timer_id timer = 0;
        std::function<void(std::size_t)> done;
        std::vector<std::shared_ptr<connector_state>> all;
    };
    auto state = std::make_shared<progress>();
    state->done = std::move(done);
    state->all = replaced_;
    for (const auto& [id, known] : connectors_) {
        for (const auto& [number, each] : known)
            state->all.push_back(each.state);
    }
    auto& loop = shared_->ports.loop;
    const auto finish = [state, &loop] {
        if (!state->done) return;
        for (const auto& each : state->all) {
            if (each->status() == load_status::closed) continue;
            base::log(base::log_level::warning,
                      "connector " + each->name + " still has running calls and is not closed",
                      {{"calls", std::to_string(each->live_calls())}});
        }
        loop.cancel(state->timer);
        state->all.clear();
        std::exchange(state->done, {})(state->open);
    };
    state->open = state->all.size();
    if (state->all.empty()) return loop.post(finish);
    state->timer = loop.run_after(patience_ms, finish);
    for (const auto& each : state->all) {
        each->close_when_idle([state, finish] {
            if (--state->open == 0) finish();
        });
    }
}

registry::registry(host_ports ports, host_options options)
    : impl_(std::make_unique<impl>(std::move(ports), std::move(options))) {}
registry::~registry() = default;

base::result<void> registry::rescan() { return impl_->rescan(); }
void registry::watch() { impl_->watch(); }
void registry::stop_watching() { impl_->stop_watching(); }

std::shared_ptr<connector> registry::find(
    std::string_view id, const std::function<bool(const version&)>& accepts) const {
    const auto known = impl_->connectors_.find(id);
    if (known == impl_->connectors_.end()) return nullptr;
    for (const auto& [number, each] : known->second) {
        if (each.present && (!accepts || accepts(number))) {
            return each.held;
        }
    }
    return nullptr;
}

std::shared_ptr<connector> registry::find_exact(std::string_view id, const version& wanted) const {
    const auto known = impl_->connectors_.find(id);
    if (known == impl_->connectors_.end()) return nullptr;
    const auto found = known->second.find(wanted);
    return found == known->second.end() ? nullptr : found->second.held;
}

base::error registry::explain_missing(std::string_view id, std::string_view wanted) const {
    const std::string name(id);
    const std::string folder = impl_->shared_->options.folder.string();
    for (const refusal& refused : impl_->refused_) {
        if (!refused.file.filename().string().starts_with(name)) continue;
        return base::make_error(base::error_code::unavailable,
                                "connector " + name + " was refused: " + refused.to_text());
    }
    std::string versions;
    std::string others;
    for (const auto& [other, known] : impl_->connectors_) {
        for (const auto& [number, each] : known) {
            if (!each.present) continue;
            if (other == id) versions += (versions.empty() ? "" : ", ") + number.to_text();
        }
        others += (others.empty() ? "" : ", ") + other;
    }
    if (!versions.empty()) {
        return base::make_error(
            base::error_code::unavailable,
            "no version of connector " + name + " fits `" + std::string(wanted) + "`",
            "There is " + versions + "; copy a fitting one into " + folder + ".");
    }
    return base::make_error(base::error_code::unavailable, "there is no connector " + name,
                            "Copy it into " + folder + "; there " +
                                (others.empty() ? "is none now." : "are: " + others + "."));
}

std::vector<std::shared_ptr<connector>> registry::all() const {
    std::vector<std::shared_ptr<connector>> list;
    for (const auto& [id, known] : impl_->connectors_) {
        for (const auto& [number, each] : known) {
            if (each.present) list.push_back(each.held);
        }
    }
    return list;
}

std::vector<std::shared_ptr<connector>> registry::left_over() const {
    std::vector<std::shared_ptr<connector>> out;
    const auto add = [&out](const std::shared_ptr<connector_state>& state) {
        if (state->isolation_now().pid > 0) out.push_back(std::make_shared<connector>(state));
    };
    std::ranges::for_each(impl_->replaced_, add);
    for (const auto& [id, known] : impl_->connectors_) {
        for (const auto& [number, each] : known) {
            if (!each.present) add(each.state);
        }
    }
    return out;
}

std::vector<std::string> registry::names_without_connector() const {
    std::vector<std::string> out;
    for (const auto& [name, rule] : impl_->shared_->options.isolation.named) {
        if (!impl_->connectors_.contains(name)) out.push_back(name);
    }
    return out;
}

std::vector<refusal> registry::refusals() const { return impl_->refused_; }

std::vector<action_counters> registry::counters() const {
    std::vector<action_counters> list;
    const auto append = [&](const connector_state& state) {
        for (action_counters& each : state.counters())
            list.push_back(std::move(each));
    };
    for (const auto& [id, known] : impl_->connectors_) {
        for (const auto& [number, each] : known)
            append(*each.state);
    }
    for (const auto& state : impl_->replaced_)
        append(*state);
    if (const std::uint64_t unknown = call_slots::unknown_completions(); unknown > 0) {
        action_counters foreign;
        foreign.second = unknown;
        list.push_back(foreign);
    }
    return list;
}

blob_registry& registry::blobs() { return *impl_->shared_->blobs; }
blob_access registry::blob_streams() { return impl_->shared_->access(); }

void registry::shutdown(std::int64_t patience_ms, std::function<void(std::size_t)> done) {
    impl_->shutdown(patience_ms, std::move(done));
}

}  // namespace sluice::plugin
