#include "plugin/connector_state.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/host_table.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

using base::error_code;
using base::make_error;

environment::environment(host_ports given_ports, host_options given_options)
    : ports(std::move(given_ports)),
      options(std::move(given_options)),
      blobs(options.temporary_folder),
      io("connector-io", 4, 100'000) {}

connector_state::connector_state(std::shared_ptr<environment> with, found_connector description,
                                 std::filesystem::path copy)
    : shared(std::move(with)),
      found(std::move(description)),
      name(found.description.id + " " + found.description.version.to_text()),
      copy_(std::move(copy)),
      table_(make_host_table(*this)),
      pool_(found.description.id, shared->options.blocking_threads,
            shared->options.blocking_queue) {
    for (const auto& [id, action] : found.description.actions) {
        stats_.emplace(id, std::make_shared<action_stats>(name, id));
    }
}

connector_state::~connector_state() = default;

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

connector_state::opened connector_state::load_and_open(const connector_state& state) {
    const current_call_scope scope(state.name.c_str(), "open");
    opened out{load_library(state.copy_, state.found.description), nullptr};
    if (!out.code) return out;
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

// ---- The end of a call --------------------------------------------------------------------------

void connector_state::finish(call_handle call, call_outcome outcome, bool late) {
    const std::unique_ptr<live_call> live = call_slots::close(call);
    if (!live) return;
    if (live->timer != 0) shared->ports.loop.cancel(live->timer);
    live->operations.drop_all();
    --live_calls_;
    const bool gave_in =
        !outcome.output_json && outcome.output_json.error_value().code == error_code::cancelled;
    if (live->timed_out && gave_in) outcome.output_json.error_value().code = error_code::timeout;
    if (!late) live->done(std::move(outcome));
    close_if_idle();
}

void connector_state::watch_deadline(call_handle call, live_call& live) {
    const std::int64_t left = live.input.deadline_unix_ms - shared->ports.clock.unix_ms();
    live.timer = shared->ports.loop.run_after(std::max<std::int64_t>(left, 0), [call] {
        live_call* running = call_slots::find(call);
        if (running == nullptr) return;
        running->timer = 0;
        running->timed_out = true;
        running->owner->ask_to_end(call, *running);
    });
}

void connector_state::cancel(call_handle call) {
    live_call* live = call_slots::find(call);
    if (live != nullptr && live->owner.get() == this) ask_to_end(call, *live);
}

void connector_state::ask_to_end(call_handle call, live_call& live) {
    if (live.cancelling) return;
    live.cancelling = true;
    auto& loop = shared->ports.loop;
    if (live.timer != 0) loop.cancel(std::exchange(live.timer, 0));
    const std::string who = live.stats->connector + ", action " + live.stats->action;
    if (call_slots::claim_unstarted(call)) {
        call_outcome outcome;
        outcome.output_json =
            live.timed_out
                ? make_error(error_code::timeout, who + " could not start before its deadline", "")
                : make_error(error_code::cancelled, who + " was cancelled before it started", "");
        loop.post([call, state = shared_from_this(), outcome = std::move(outcome)]() mutable {
            state->finish(call, std::move(outcome), false);
        });
        return;
    }
    live.timer = loop.run_after(shared->options.grace_ms, [call] {
        live_call* running = call_slots::find(call);
        if (running == nullptr) return;
        running->timer = 0;
        running->owner->give_up(call);
    });
    if (library_.table->cancel != nullptr) {
        call_connector(call, *live.stats, [&] {
            library_.table->cancel(self_, call_slots::to_abi(call), live.connector_slot);
        });
    }
    live.operations.cancel_all();
}

// The slot stays: the connector still holds views of the input.
void connector_state::give_up(call_handle call) {
    live_call* live = call_slots::find(call);
    if (live == nullptr || !call_slots::abandon(call)) return;
    ++live->stats->missing;
    const std::string who = live->stats->connector + ", action " + live->stats->action;
    base::log(base::log_level::error, "a connector did not end a call in time; it was given up",
              {{"connector", live->stats->connector}, {"action", live->stats->action}});
    call_outcome outcome;
    outcome.output_json =
        live->timed_out
            ? make_error(error_code::timeout, who + " gave no result before its deadline", "")
            : make_error(error_code::cancelled, who + " was cancelled and gave no result", "");
    // By value: the call may end inside.
    const call_done done = std::exchange(live->done, {});
    done(std::move(outcome));
}

// ---- Shutdown -----------------------------------------------------------------------------------

void connector_state::close_when_idle(std::function<void()> done) {
    if (status_ == load_status::closed) return shared->ports.loop.post(std::move(done));
    closing_ = true;
    on_closed_ = std::move(done);
    for (const call_handle call : call_slots::calls_of(*this))
        cancel(call);
    close_if_idle();
}

void connector_state::close_if_idle() {
    if (!closing_ || live_calls_ > 0 || status_ == load_status::loading ||
        status_ == load_status::closed) {
        return;
    }
    const bool open = status_ == load_status::ready;
    status_ = load_status::closed;
    const auto report = [state = shared_from_this()] { std::exchange(state->on_closed_, {})(); };
    auto& loop = shared->ports.loop;
    if (!open) return loop.post(report);
    const bool queued = run_blocking([this, report, &loop] {
        const current_call_scope scope(name.c_str(), "close");
        try {
            library_.table->close(self_);
        } catch (...) {
            base::log(base::log_level::error, "an exception left a connector's close function",
                      {{"connector", name}});
        }
        loop.post(report);
    });
    if (!queued) loop.post(report);
}

// ---- connector: the public face -----------------------------------------------------------------

connector::connector(std::shared_ptr<connector_state> state) : state_(std::move(state)) {}
connector::~connector() = default;

const descriptor& connector::description() const { return state_->found.description; }
const std::filesystem::path& connector::file() const { return state_->found.file; }
std::string connector::name() const { return state_->name; }
call_handle connector::start(call_request request, call_done done) {
    return state_->start(std::move(request), std::move(done));
}
void connector::cancel(call_handle call) { state_->cancel(call); }
load_status connector::status() const { return state_->status(); }
base::result<void> connector::load_error() const { return state_->load_error(); }
std::size_t connector::live_calls() const { return state_->live_calls(); }
std::vector<action_counters> connector::counters() const { return state_->counters(); }

}  // namespace sluice::plugin
