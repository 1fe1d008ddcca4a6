#include "plugin/runner_session.hpp"

#include <chrono>
#include <utility>

#include "plugin/abi_error.hpp"
#include "plugin/call_slots.hpp"
#include "plugin/current_call.hpp"
#include "plugin/session_requests.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

using base::error_code;
using base::make_error;

namespace {

constexpr std::size_t remembered_ends = 512;
constexpr std::size_t blob_limit = 10'000;

frame plain(frame_kind kind, std::uint64_t call = 0, std::uint64_t operation = 0) {
    frame one;
    one.kind = kind;
    one.call = call;
    one.operation = operation;
    return one;
}

// As call_connector counts and tells it in this process.
void report_thrown(sluice_call* handle, const std::string& what) {
    const call_handle call = call_slots::from_abi(handle);
    std::shared_ptr<action_stats> stats;
    call_slots::with(call, [&](const live_call& live) { stats = live.stats; });
    if (stats) report_exception(call, *stats, what);
}

}  // namespace

runner_session::runner_session(const sluice_host& host, base::event_loop& loop,
                               std::string connector, events handlers)
    : host_(host), loop_(loop), connector_(std::move(connector)), events_(std::move(handlers)) {}

runner_session::~runner_session() {
    std::unique_ptr<runner_link> link;
    {
        const std::lock_guard lock(mutex_);
        phase_ = phase::over;
        link = std::move(link_);
    }
    link.reset();  // its thread may be in here until now
    if (blobs_.empty()) return;
    const auto* table = static_cast<const sluice_blob_1*>(host_.service(&host_, "sluice.blob/1"));
    for (const auto& [number, blob] : blobs_)
        table->release(blob);
}

// ---- Its life -----------------------------------------------------------------------------------

base::result<void> runner_session::open(const start_runner& start, const runner_start& what,
                                        std::int64_t patience_ms) {
    auto link = start(what, {[this](frame one) { received(std::move(one)); },
                             [this](std::string how, std::string words) {
                                 ended(std::move(how), std::move(words));
                             }});
    if (!link) return link.error_value();
    frame ask = plain(frame_kind::open);
    ask.body = frame_writer().number(session_requests::offered(host_)).take();
    std::unique_lock lock(mutex_);
    link_ = std::move(*link);
    lock.unlock();
    send(ask);
    lock.lock();
    const bool told = changed_.wait_for(lock, std::chrono::milliseconds(patience_ms),
                                        [this] { return phase_ != phase::opening; });
    if (phase_ == phase::ready) return {};
    phase_ = phase::over;
    if (!told) {
        return make_error(
            error_code::unavailable,
            "its open function did not return within " + std::to_string(patience_ms / 1'000) + " s",
            "Run \"sluice connector check\" on the file.");
    }
    return refused_.value_or(make_error(error_code::unavailable, "its runner ended"));
}

void runner_session::close(std::int64_t patience_ms) {
    std::unique_lock lock(mutex_);
    if (phase_ != phase::ready) return;
    phase_ = phase::closing;
    lock.unlock();
    send(plain(frame_kind::close));
    lock.lock();
    changed_.wait_for(lock, std::chrono::milliseconds(patience_ms),
                      [this] { return phase_ == phase::over; });
    phase_ = phase::over;
}

void runner_session::opened(const frame& one) {
    frame_reader body(one.body);
    const auto failure = body.failure();
    const std::string hardening(body.text());
    if (!body.finished()) return violation("a broken answer to open");
    const std::lock_guard lock(mutex_);
    if (phase_ != phase::opening) return;
    hardening_json_ = hardening;
    phase_ = failure ? phase::over : phase::ready;
    if (failure) refused_ = from_abi_error(&*failure, connector_).failure;
    changed_.notify_all();
}

void runner_session::ended(std::string how, std::string last_words) {
    death told{this, std::move(how), std::move(last_words), {}};
    {
        const std::lock_guard lock(mutex_);
        const phase before = std::exchange(phase_, phase::over);
        if (before == phase::opening) {
            refused_ = make_error(
                error_code::unavailable,
                "its process ended with " + told.how + " while it was loaded and opened" +
                    (told.last_words.empty() ? "" : "; the last it wrote: " + told.last_words),
                "Run \"sluice connector check\" on the file.");
        }
        changed_.notify_all();
        if (before != phase::ready) return;
        for (auto& [number, call] : std::exchange(calls_, {})) {
            for (auto& [ignored, operation] : std::exchange(call->operations, {}))
                call->forgotten.push_back(std::move(operation));
            told.calls.push_back(std::move(call));
        }
    }
    events_.died(std::move(told));
}

void runner_session::kill(std::string why) {
    if (link_) link_->kill(std::move(why));
}

void runner_session::violation(const char* what) {
    const std::lock_guard lock(mutex_);
    if (link_) link_->kill(std::string("it sent ") + what + " and was ended");
}

void runner_session::send(const frame& one) {
    runner_link* link = nullptr;
    {
        const std::lock_guard lock(mutex_);
        link = link_.get();
    }
    if (link != nullptr) link->send(one);
}

std::int64_t runner_session::ping(std::int64_t now_ns) {
    std::uint64_t number = 0;
    {
        const std::lock_guard lock(mutex_);
        if (last_pong_ != last_ping_) return now_ns - pinged_ns_;
        number = ++last_ping_;
        pinged_ns_ = now_ns;
    }
    send(plain(frame_kind::ping, 0, number));
    return 0;
}

bool runner_session::has_calls() const {
    const std::lock_guard lock(mutex_);
    return !calls_.empty();
}

int runner_session::pid() const {
    const std::lock_guard lock(mutex_);
    return link_ ? link_->pid() : 0;
}

std::string runner_session::hardening_json() const {
    const std::lock_guard lock(mutex_);
    return hardening_json_;
}

// ---- Calls --------------------------------------------------------------------------------------

bool runner_session::begin(const isolated_call_ptr& call) {
    const sluice_request& request = *call->request;
    frame one = plain(frame_kind::start, call->number);
    one.body = frame_writer()
                   .text(call->action)
                   .number(request.attempt)
                   .text(request.input_json)
                   .text(request.connection_json)
                   .text(request.idempotency_key)
                   .number(static_cast<std::uint64_t>(request.deadline_unix_ms))
                   .text(call->instance)
                   .number(call->verifier ? 1 : 0)
                   .take();
    {
        const std::lock_guard lock(mutex_);
        if (phase_ != phase::ready) return false;
        call->begun = false;
        calls_.emplace(call->number, call);
    }
    send(one);
    return true;
}

void runner_session::cancel(const isolated_call& call) {
    send(plain(frame_kind::cancel, call.number));
}

isolated_call_ptr runner_session::find(std::uint64_t call) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(call);
    return found == calls_.end() ? nullptr : found->second;
}

isolated_call_ptr runner_session::take(std::uint64_t call) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(call);
    if (found == calls_.end()) return nullptr;
    isolated_call_ptr taken = std::move(found->second);
    calls_.erase(found);
    ended_calls_.emplace_back(call, taken->handle);
    if (ended_calls_.size() > remembered_ends) ended_calls_.pop_front();
    return taken;
}

void runner_session::finish(const frame& one) {
    frame_reader body(one.body);
    const auto failure = one.kind == frame_kind::fail ? body.failure() : std::nullopt;
    const std::string_view text = one.kind == frame_kind::fail ? "" : body.text();
    if (!body.finished()) return violation("a broken end of a call");
    const isolated_call_ptr call = take(one.call);
    sluice_call* handle = call ? call->handle : nullptr;
    if (!call) {
        // Completed again, or never there: the host counts it as it does in this process.
        const std::lock_guard lock(mutex_);
        for (const auto& [number, ended] : ended_calls_) {
            if (number == one.call) handle = ended;
        }
    }
    const current_call_scope scope(connector_.c_str(), call ? call->action.c_str() : "");
    if (one.kind == frame_kind::complete) host_.complete(handle, to_abi(text));
    if (one.kind == frame_kind::fail) host_.fail(handle, failure ? &*failure : nullptr);
    if (one.kind == frame_kind::threw) report_thrown(handle, std::string(text));
    // Its operations stay until the loop has passed: a done function may run right now.
    if (call) events_.call_over(call);
}

void runner_session::write_log(const frame& one) {
    frame_reader body(one.body);
    const auto level = static_cast<std::uint32_t>(body.number());
    const std::string_view message = body.text();
    const std::string_view fields = body.text();
    if (!body.finished()) return violation("a broken line for the log");
    const isolated_call_ptr call = find(one.call);
    const current_call_scope scope(connector_.c_str(), "");
    host_.log(&host_, call ? call->handle : nullptr, level, to_abi(message), to_abi(fields));
}

// ---- Frames -------------------------------------------------------------------------------------

void runner_session::received(frame one) {
    bool fine = true;
    switch (one.kind) {
        case frame_kind::opened:
            return opened(one);
        case frame_kind::begun: {
            const std::lock_guard lock(mutex_);
            const auto found = calls_.find(one.call);
            if (found != calls_.end()) found->second->begun = true;
            return;
        }
        case frame_kind::complete:
        case frame_kind::fail:
        case frame_kind::threw:
            return finish(one);
        case frame_kind::log:
            return write_log(one);
        case frame_kind::request:
            fine = session_requests::request(*this, one);
            break;
        case frame_kind::give_up:
            fine = session_requests::give_up(*this, one);
            break;
        case frame_kind::ask:
            fine = session_requests::ask(*this, one);
            break;
        case frame_kind::seal:
            fine = session_requests::seal(*this, one);
            break;
        case frame_kind::release:
            fine = session_requests::release(*this, one);
            break;
        case frame_kind::pong: {
            const std::lock_guard lock(mutex_);
            fine = one.operation <= last_ping_;
            if (fine) last_pong_ = one.operation;
            break;
        }
        case frame_kind::closed: {
            const std::lock_guard lock(mutex_);
            if (phase_ != phase::closing) break;
            phase_ = phase::over;
            return changed_.notify_all();
        }
        default:
            fine = false;
    }
    if (!fine) violation("a frame that makes no sense");
}

void runner_session::answer(isolated_operation& operation, frame_writer&& body) {
    frame one = plain(frame_kind::answer, operation.of->number, operation.number);
    one.body = body.take();
    std::unique_ptr<isolated_operation> over;
    {
        const std::lock_guard lock(mutex_);
        auto& pending = operation.of->operations;
        const auto found = pending.find(operation.number);
        if (found == pending.end() || found->second.get() != &operation) return;
        over = std::move(found->second);
        pending.erase(found);
    }
    send(one);
}

std::uint64_t runner_session::add_blob(sluice_blob* blob) {
    const std::lock_guard lock(mutex_);
    if (blobs_.size() >= blob_limit) return 0;
    blobs_.emplace(++last_blob_, blob);
    return last_blob_;
}

sluice_blob* runner_session::blob(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto found = blobs_.find(number);
    return found == blobs_.end() ? nullptr : found->second;
}

}  // namespace sluice::plugin
