#include "plugin/connector_state.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/host_table.hpp"
#include "plugin/opening_marker.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

using base::error_code;
using base::make_error;

namespace {

blob_options blob_rules(environment& owner) {
    blob_options rules;
    rules.folder = owner.options.blob_folder;
    rules.temporary_folder = owner.options.temporary_folder;
    rules.bytes_per_execution = owner.options.blob_bytes_per_execution;
    rules.shortage = owner.options.disk_shortage;
    rules.started_ms = owner.ports.clock.unix_ms();
    rules.run_blocking = [&owner](std::function<void()> work) {
        run_on(owner.io, std::move(work));
    };
    return rules;
}

session_ports session_rules(connector_state& owner) {
    const host_ports& ports = owner.shared->ports;
    return {ports.loop, ports.clock,
            [&owner](std::function<void()> work) { return owner.run_blocking(std::move(work)); },
            [&owner](const std::function<void()>& close) {
                const current_call_scope scope(owner.name.c_str(), "close of a session");
                try {
                    close();
                } catch (...) {
                    base::log(base::log_level::error,
                              "an exception left a connector's close of a session",
                              {{"connector", owner.name}});
                }
            }};
}

}  // namespace

environment::environment(host_ports given_ports, host_options given_options)
    : ports(std::move(given_ports)),
      options(std::move(given_options)),
      blobs(std::make_shared<blob_registry>(blob_rules(*this))),
      io("connector-io", 4, 100'000) {}

connector_state::connector_state(std::shared_ptr<environment> with, found_connector description,
                                 std::filesystem::path copy)
    : shared(std::move(with)),
      found(std::move(description)),
      name(found.description.id + " " + found.description.version.to_text()),
      isolation(shared->options.isolation.rule_for(found.description.id, found.sha256)),
      copy_(std::move(copy)),
      table_(make_host_table(*this)),
      pool_(found.description.id, shared->options.blocking_threads, shared->options.blocking_queue),
      sessions_(std::make_shared<session_cache>(session_rules(*this))) {
    for (const auto& [id, action] : found.description.actions) {
        stats_.emplace(id, std::make_shared<action_stats>(name, id));
    }
}

connector_state::~connector_state() { sessions_->stop(); }

base::result<void> connector_state::load_error() const {
    if (status_ != load_status::failed) return {};
    return load_error_;
}

std::vector<action_counters> connector_state::counters() const {
    std::vector<action_counters> all;
    for (const auto& [id, stats] : stats_)
        all.push_back(stats->read());
    return all;
}

bool connector_state::run_blocking(std::function<void()> work) {
    return pool_.submit(std::move(work));
}

isolated_connector* connector_state::isolated() const {
    if (isolation.mode == isolation_mode::none) return nullptr;
    return static_cast<isolated_connector*>(library_.owner.get());
}

isolation_facts connector_state::isolation_now() const {
    if (const auto* own = isolated()) return own->facts();
    isolation_facts out;
    out.mode = isolation.mode;
    return out;
}

void connector_state::release() {
    if (auto* own = isolated()) own->release();
}

void connector_state::set_present(bool present) {
    if (std::exchange(present_, present) == present) return;
    if (auto* own = isolated()) own->rest_between_calls(!present);
}

// ---- Starting a call ----------------------------------------------------------------------------

void connector_state::reject(call_done done, base::error why) {
    shared->ports.loop.post([done = std::move(done), why = std::move(why)]() mutable {
        call_outcome outcome;
        outcome.output_json = std::move(why);
        done(std::move(outcome));
    });
}

call_handle connector_state::start(call_request request, call_done done) {
    const auto stats = stats_.find(request.action);
    if (stats == stats_.end()) {
        reject(std::move(done),
               make_error(
                   error_code::not_found, name + " has no action `" + request.action + "`",
                   "See `sluice connector show " + found.description.id + "` for its actions."));
        return call_handle::none;
    }
    if (closing_) {
        reject(std::move(done),
               make_error(error_code::unavailable, "the host is shutting down", ""));
        return call_handle::none;
    }
    auto created = std::make_unique<live_call>();
    live_call& live = *created;
    live.owner = shared_from_this();
    live.stats = stats->second;
    live.input = std::move(request);
    live.done = std::move(done);
    ++live.stats->calls;
    ++live_calls_;
    const call_handle call = call_slots::open(std::move(created));
    if (live.input.deadline_unix_ms > 0) watch_deadline(call, live);
    if (status_ == load_status::ready) {
        launch(call);
        return call;
    }
    const std::int64_t now = shared->ports.clock.steady_ns();
    if (status_ == load_status::failed && now < retry_at_ns_) {
        base::error why = load_error_;
        why.retry_after_ms = (retry_at_ns_ - now) / 1'000'000 + 1;
        fail_call(call, std::move(why));
        return call;
    }
    waiting_.push_back(call);
    if (status_ != load_status::loading) load();
    return call;
}

void connector_state::launch(call_handle call) {
    live_call* live = call_slots::find(call);
    if (live == nullptr) return;
    live->action = library_.find(live->input.action);
    if ((live->action->flags & SLUICE_ACTION_BLOCKING) == 0) return enter(call);
    if (run_blocking([this, call] { enter(call); })) return;
    base::error full = make_error(error_code::unavailable,
                                  name + " has " + std::to_string(shared->options.blocking_queue) +
                                      " blocking calls waiting already",
                                  "It is retried; if this lasts, its third party is too slow.");
    full.retry_after_ms = 1'000;
    fail_call(call, std::move(full));
}

// Loop thread, or the pool for blocking actions; there the call may be over by now.
void connector_state::enter(call_handle call) {
    const sluice_action* action = nullptr;
    const sluice_request* request = nullptr;
    std::shared_ptr<action_stats> stats;
    const bool alive = call_slots::enter(call, [&](live_call& live) {
        const call_request& input = live.input;
        live.request = {sizeof(sluice_request),        input.attempt,
                        to_abi(input.input_json),      to_abi(input.connection_json),
                        to_abi(input.idempotency_key), input.deadline_unix_ms,
                        &live.connector_slot};
        action = live.action;
        request = &live.request;
        stats = live.stats;
    });
    if (!alive) return;
    call_connector(call, *stats, [&] { action->start(self_, call_slots::to_abi(call), request); });
}

// ---- Loading ------------------------------------------------------------------------------------

void connector_state::load() {
    status_ = load_status::loading;
    // Keeps itself alive: an open function that hangs must not make anyone wait for it.
    const bool queued = run_blocking([self = shared_from_this()]() mutable {
        auto result = std::make_shared<opened>(load_and_open(*self));
        auto& loop = self->shared->ports.loop;
        loop.post([self = std::move(self), result] { self->loaded(std::move(*result)); });
    });
    if (!queued) loaded({make_error(error_code::unavailable, "its pool is full", ""), nullptr});
}

// The one place that knows how a connector is run.
base::result<library> connector_state::load_code(const connector_state& state) {
    const host_options& options = state.shared->options;
    if (state.isolation.mode == isolation_mode::none) {
        return load_library(state.copy_, state.found.description);
    }
    if (!options.runner) {
        return make_error(error_code::unavailable, "this host cannot run it in its own process");
    }
    // The pool is the connector's: it ends after the library, which ends after this.
    auto& mine = const_cast<connector_state&>(state);
    isolated_setting setting{
        state.shared->ports.loop,
        state.shared->ports.clock,
        [&mine](std::function<void()> work) { return mine.run_blocking(std::move(work)); },
        [&mine] { return mine.shared_from_this(); },
        options.runner,
        {state.copy_, state.name, state.isolation.limits, options.blocking_threads,
         options.blocking_queue, options.runner_folder},
        options.runner_timing};
    return std::make_shared<isolated_connector>(state.found.description, std::move(setting))
        ->as_library();
}

connector_state::opened connector_state::load_and_open(const connector_state& state) {
    const opening_marker marker(state.copy_);
    if (marker.deaths() >= opening_marker::limit) {
        return {make_error(error_code::unavailable,
                           "the host died " + std::to_string(opening_marker::limit) +
                               " times while it opened this build",
                           "Run \"sluice connector check\" on the file, and replace it."),
                nullptr};
    }
    const current_call_scope scope(state.name.c_str(), "open");
    opened out{load_code(state), nullptr};
    if (!out.code) return out;
    out.self = out.code->owner.get();
    sluice_error why = {};
    why.size = sizeof(sluice_error);
    try {
        const sluice_code code = out.code->table->open(&state.table_, &out.self, &why);
        if (code == SLUICE_OK) return out;
        why.code = code;
        received_error received = from_abi_error(&why, state.name);
        out.code = make_error(received.failure.code,
                              "its open function failed: " + received.failure.message, "");
    } catch (const std::exception& thrown) {
        out.code = make_error(error_code::internal,
                              std::string("an exception left its open function: ") + thrown.what(),
                              "This is a bug in the connector; tell its author.");
    } catch (...) {
        out.code = make_error(error_code::internal, "an exception left its open function",
                              "This is a bug in the connector; tell its author.");
    }
    return out;
}

void connector_state::loaded(opened result) {
    const std::vector<call_handle> waiting = std::exchange(waiting_, {});
    if (result.code) {
        library_ = std::move(*result.code);
        self_ = result.self;
        status_ = load_status::ready;
        if (auto* own = isolated()) own->rest_between_calls(!present_);
        for (const call_handle call : waiting)
            launch(call);
        return close_if_idle();
    }
    load_error_ = std::move(result.code).error_value();
    load_error_.code = error_code::unavailable;  // it is tried again
    load_error_.message = "connector " + name + " cannot be used: " + load_error_.message;
    status_ = load_status::failed;
    retry_at_ns_ = shared->ports.clock.steady_ns() + shared->options.reopen_pause_ms * 1'000'000;
    base::log(base::log_level::error, load_error_.message, {{"file", found.file.string()}});
    for (const call_handle call : waiting) {
        base::error why = load_error_;
        why.retry_after_ms = shared->options.reopen_pause_ms;
        fail_call(call, std::move(why));
    }
    close_if_idle();
}

}  // namespace sluice::plugin
