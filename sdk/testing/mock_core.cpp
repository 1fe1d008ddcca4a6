#include "mock_core.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "sluice/failure.hpp"
#include "strand_watch.hpp"

namespace sluice::testing {
namespace {

constexpr std::size_t longest_output = std::size_t{16} * 1024 * 1024;

reported_error copy_error(const sluice_error& error) {
    reported_error copy{error.code, std::string(detail::to_view(error.message)),
                        error.retry_after_ms, error.http_status, json()};
    json(copy.message).dump();  // throws when it is not UTF-8
    const std::string_view details = detail::to_view(error.details_json);
    if (details.empty()) return copy;
    copy.details = json::parse(details);
    if (!copy.details.is_object()) throw json_error("the details are not an object");
    return copy;
}

reported_error internal_error(std::string message) {
    return {SLUICE_INTERNAL, std::move(message), 0, 0, json()};
}

// The host's own refusal of what the connector handed over.
void accept_output(call_result& result, std::string_view output) {
    try {
        if (output.size() > longest_output) throw json_error("it is larger than 16 MiB");
        result.output = json::parse(output);
        result.ok = true;
    } catch (const json_error& error) {
        result.error = internal_error(std::string("the output cannot be used: ") + error.what());
        result.problems.push_back(result.error.message);
    }
}

void accept_error(call_result& result, const sluice_error& error) {
    try {
        result.error = copy_error(error);
    } catch (const json_error& bad) {
        result.error = internal_error(std::string("the failure cannot be used: ") + bad.what());
        result.problems.push_back(result.error.message);
    }
    if (error.code == SLUICE_OK) result.problems.push_back("the action failed with SLUICE_OK");
}

}  // namespace

mock_core::mock_core(sluice_entry entry, const mock_options& options)
    : options_(options), table_(host_table(*this), options), number_(*this) {
    if (options.later_structs) table_.get()->abi_minor += 7;
    connector_ = entry();
    if (connector_ == nullptr) {
        open_error = internal_error("the entry function returned NULL");
        return;
    }
    if (!SLUICE_HAS(connector_, cancel) ||
        connector_->action_size < offsetof(sluice_action, start) + sizeof(void*)) {
        open_error = internal_error("the connector's table is too short for ABI 1.0");
        return;
    }
    sluice_error empty{};
    empty.size = sizeof(empty);
    const shaped_struct<sluice_error> place(empty, options);
    sluice_error& why = *place.get();
    const sluice_code code = connector_->open(table_.get(), &self_, &why);
    open_ = code == SLUICE_OK;
    if (!open_) {
        open_error = copy_error(why);
        open_error->code = code;
    }
}

mock_core::~mock_core() {
    close_sessions([](const mock_session&) { return true; });
    if (open_) connector_->close(self_);
}

const sluice_action* mock_core::find_action(std::string_view id) const {
    const char* at = reinterpret_cast<const char*>(connector_->actions);
    for (std::uint32_t i = 0; i < connector_->action_count; ++i) {
        // The connector's own stride: its sluice_action may be longer than ours.
        const auto* action = reinterpret_cast<const sluice_action*>(at);
        if (action->id == id) return action;
        at += connector_->action_size;
    }
    return nullptr;
}

mock_call* mock_core::plan(const call_plan& plan, const sluice_action*& action,
                           call_result& refused) {
    if (!open_) {
        refused.error = *open_error;
        return nullptr;
    }
    action = find_action(plan.action);
    if (action == nullptr) {
        refused.error = internal_error("the connector has no action '" + plan.action + "'");
        refused.problems.push_back(refused.error.message);
        return nullptr;
    }
    const std::uint64_t number = number_.next_call();
    auto made = std::make_shared<mock_call>(*this, number, plan.input, plan.connection,
                                            plan.options, options_);
    made->cancel_at = plan.cancel_at;
    const auto guard = lock();
    return (calls_[number] = std::move(made)).get();
}

call_result mock_core::run(std::string_view id, std::string input, std::string connection,
                           const call_options& options, std::optional<unsigned> cancel_at) {
    call_result refused;
    const sluice_action* action = nullptr;
    mock_call* const planned =
        plan({std::string(id), std::move(input), std::move(connection), options, cancel_at}, action,
             refused);
    if (planned == nullptr) return refused;
    mock_call& call = *planned;
    start(*action, call);
    const auto& verifiers = options_.verifiers;
    if (call.result.error.code == SLUICE_AUTH &&
        std::find(verifiers.begin(), verifiers.end(), id) == verifiers.end()) {
        close_sessions(
            [owner = call.session_owner()](const mock_session& one) { return one.owner == owner; });
    }
    close_idle_sessions();
    const auto guard = lock();
    check_end(call);
    check_blobs(call);
    return call.result;
}

void mock_core::start(const sluice_action& action, mock_call& call) {
    if ((action.flags & SLUICE_ACTION_BLOCKING) == 0) {
        {
            const strand_watch watch(*this, call);
            run_guarded(call, [&] { action.start(self_, call.handle(), call.request.get()); });
        }
        return run_events(call);
    }
    pool_is_busy_ = true;
    std::thread pool([&] {
        run_guarded(call, [&] { action.start(self_, call.handle(), call.request.get()); });
        const auto guard = lock();
        pool_is_busy_ = false;
        changed_.notify_all();
    });
    run_events(call);
    pool.join();
    if (call.slot != nullptr) {
        problem(&call, "a blocking action wrote to its slot, which belongs to the strand");
    }
}

bool mock_core::wants_cancel(const mock_call& call) const {
    return call.cancel_at && !call.ended && !call.cancelled &&
           call.result.operations >= *call.cancel_at;
}

void mock_core::run_events(mock_call& call) {
    auto guard = lock();
    for (;;) {
        if (wants_cancel(call)) {
            guard.unlock();
            cancel(call);
            guard.lock();
        }
        if (events_.empty()) {
            if (pool_is_busy_) {
                changed_.wait(guard);
            } else if (call.ended || !wait_patiently(guard, call)) {
                return;
            }
            continue;
        }
        auto node = events_.extract(events_.begin());
        now_ms = std::max(now_ms, node.key().first);
        if (node.mapped().call->ended) continue;
        guard.unlock();
        run_event(node.mapped());
        guard.lock();
    }
}

bool mock_core::wait_patiently(std::unique_lock<std::mutex>& guard, const mock_call& call) {
    if (options_.patience_ms == 0) return false;
    return changed_.wait_for(guard, std::chrono::milliseconds(options_.patience_ms),
                             [&] { return call.ended || !events_.empty(); });
}

void mock_core::run_event(const event& due) {
    if (due.work && !due.cancelled) {
        run_work(due);
        const auto guard = lock();
        if (due.call->ended) return;
    }
    const strand_watch watch(*this, *due.call);
    if (!due.cancelled) return run_guarded(*due.call, [&] { due.run(nullptr); });
    const failure stopped(SLUICE_CANCELLED, "the host cancelled the operation");
    const shaped_struct<sluice_error> error(stopped.as_error(), options_);
    run_guarded(*due.call, [&] { due.run(error.get()); });
}

// At a moment at which nothing else of the call runs: the same order in every run. On a thread of
// its own: what it waits for is not waited for on the strand.
void mock_core::run_work(const event& due) {
    std::thread pool([&] { run_guarded(*due.call, due.work); });
    pool.join();
}

void mock_core::run_guarded(mock_call& call, const std::function<void()>& code) {
    try {
        code();
    } catch (const std::exception& thrown) {
        problem(&call, std::string("an exception left it: ") + thrown.what());
    } catch (...) {
        problem(&call, "an exception left it");
    }
}

std::shared_ptr<mock_call> mock_core::find_call(std::uint64_t number) {
    const auto guard = lock();
    const auto found = calls_.find(number);
    return found == calls_.end() ? nullptr : found->second;
}

void mock_core::cancel(mock_call& call) {
    {
        const auto guard = lock();
        if (call.ended || call.cancelled) return;
        call.cancelled = true;
    }
    const strand_watch watch(*this, call);
    if (connector_->cancel != nullptr) {
        run_guarded(call, [&] { connector_->cancel(self_, call.handle(), call.slot); });
    }
    const auto guard = lock();
    std::vector<std::uint64_t> pending;
    for (const auto& [key, waiting] : events_) {
        if (waiting.call == &call && waiting.operation != 0) pending.push_back(waiting.operation);
    }
    for (const std::uint64_t operation : pending)
        cancel_pending(operation);
}

void mock_core::cancel_running() {
    const auto guard = lock();
    for (const auto& [number, held] : calls_) {
        mock_call& call = *held;
        if (call.ended) continue;
        events_[{now_ms, next_++}] = {0, &call,
                                      [this, &call](const sluice_error*) { cancel(call); }, false};
    }
    changed_.notify_all();
}

bool mock_core::has_service(std::string_view id) const {
    return std::find(options_.without.begin(), options_.without.end(), id) ==
           options_.without.end();
}

void mock_core::forget_calls() {
    const auto guard = lock();
    std::erase_if(events_, [](const auto& one) { return one.second.call->ended; });
    calls_.clear();
    requests.clear();
    blobs.clear();
    host_log.clear();
    problems.clear();
}

void mock_core::cancel_operation(std::uint64_t operation) {
    const auto guard = lock();
    cancel_pending(operation);
}

void mock_core::cancel_pending(std::uint64_t operation) {
    for (auto at = events_.begin(); at != events_.end(); ++at) {
        if (at->second.operation != operation || at->second.unstoppable) continue;
        auto node = events_.extract(at);
        node.mapped().cancelled = true;
        node.key() = {now_ms, next_++};
        events_.insert(std::move(node));
        return;
    }
}

std::uint64_t mock_core::start_operation(mock_call& call, operation_kind kind, completion done) {
    const auto guard = lock();
    const std::uint64_t operation = next_++;
    if (call.ended) {
        problems.push_back("the connector started a host operation after it had ended the call");
        return operation;
    }
    ++call.result.operations;
    // Once the host wants the call to end, nothing new is worth waiting for.
    const bool cancelled = call.cancelled;
    events_[{cancelled ? now_ms : now_ms + kind.delay_ms, operation}] =
        event{operation, &call, std::move(done), cancelled, kind.unstoppable, std::move(kind.work)};
    changed_.notify_all();
    return operation;
}

void mock_core::post(mock_call& call, sluice_fn function, void* user) {
    const auto guard = lock();
    if (call.ended) return;
    events_[{now_ms, next_++}] =
        event{0, &call, [=](const sluice_error*) { function(user); }, false};
    changed_.notify_all();
}

void mock_core::end(mock_call& call, const sluice_error* error, std::string_view output) {
    const auto guard = lock();
    if (call.ended) {
        const std::string what = "the action completed a second time";
        call.result.problems.push_back(what);
        problems.push_back(what);
        return;
    }
    call.ended = true;
    changed_.notify_all();
    if (error != nullptr) {
        accept_error(call.result, *error);
    } else {
        accept_output(call.result, output);
    }
}

void mock_core::log(mock_call* call, log_line line) {
    const auto guard = lock();
    (call != nullptr ? call->result.log : host_log).push_back(std::move(line));
}

void mock_core::problem(mock_call* call, std::string what) {
    const auto guard = lock();
    (call != nullptr ? call->result.problems : problems).push_back(std::move(what));
}

void mock_core::check_end(mock_call& call) {
    call_result& result = call.result;
    if (!call.ended) {
        call.ended = true;  // a completion from now on is a late one
        result.error = internal_error("the action never completes: nothing is left to wait for");
        result.problems.push_back(result.error.message);
    }
    if (!result.problems.empty()) result.ok = false;
}

void mock_core::check_blobs(mock_call& call) {
    for (mock_blob& blob : blobs) {
        if (blob.references == 0) continue;
        if (blob.holder != call.number && calls_.contains(blob.holder)) continue;
        call.result.problems.push_back("blob " + blob.id + " was not released");
        blob.references = 0;
    }
    if (!call.result.problems.empty()) call.result.ok = false;
}

}  // namespace sluice::testing
