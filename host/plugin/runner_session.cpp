#include "plugin/runner_session.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/call_slots.hpp"
#include "plugin/current_call.hpp"
#include "plugin/host_table.hpp"
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

std::optional<runner_session::failure> runner_session::open(const start_runner& start,
                                                            const runner_start& what,
                                                            std::int64_t patience_ms) {
    log_ = what.log;
    auto link = start(what, {[this](frame one) { received(std::move(one)); },
                             [this](runner_end end) { ended(std::move(end)); }});
    if (!link) return failure{failure::reason::no_process, link.error_value(), {}};
    frame ask = plain(frame_kind::open);
    ask.body = frame_writer().number(session_requests::offered(host_)).take();
    std::unique_lock lock(mutex_);
    link_ = std::move(*link);
    if (!violation_.empty()) link_->kill(violation_);
    lock.unlock();
    send(ask);
    lock.lock();
    const bool told = changed_.wait_for(lock, std::chrono::milliseconds(patience_ms),
                                        [this] { return phase_ >= phase::ready; });
    if (phase_ == phase::ready) return {};
    phase_ = phase::over;
    if (told) return failure_;
    const std::string how =
        "no answer of its open function within " + std::to_string(patience_ms / 1'000) + " s";
    return failure{failure::reason::died,
                   make_error(error_code::unavailable, "there was " + how,
                              "Run \"sluice connector check\" on the file."),
                   how};
}

void runner_session::close(std::int64_t patience_ms) {
    std::unique_lock lock(mutex_);
    if (phase_ != phase::ready) return;
    phase_ = phase::closing;
    lock.unlock();
    send(plain(frame_kind::close));
    lock.lock();
    const bool over = changed_.wait_for(lock, std::chrono::milliseconds(patience_ms),
                                        [this] { return phase_ == phase::over; });
    phase_ = phase::over;
    if (over) return;
    base::log(base::log_level::error,
              "a connector did not close within " + std::to_string(patience_ms / 1'000) +
                  " s and was ended",
              {{"connector", connector_}});
}

// From code of ours: the connector is not loaded yet, and a second one that it makes up comes late.
void runner_session::hardened(const frame& one) {
    frame_reader body(one.body);
    auto report = parse_hardening(body.text());
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == phase::over) return;
        if (phase_ == phase::starting && body.finished() && report) {
            hardening_ = std::move(report);
            phase_ = phase::opening;
            return;
        }
    }
    violation("a report about its process that makes no sense");
}

void runner_session::opened(const frame& one) {
    frame_reader body(one.body);
    const auto refused = body.failure();
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == phase::over) return;
        if (!violation_.empty()) return;  // it is being ended
        if (phase_ == phase::opening && body.finished()) {
            phase_ = refused ? phase::over : phase::ready;
            if (refused) {
                failure_ = failure{
                    failure::reason::refused, from_abi_error(&*refused, connector_).failure, {}};
            }
            return changed_.notify_all();
        }
    }
    violation("an answer to open that makes no sense");
}

// False: nobody asked it to close.
bool runner_session::closed() {
    const std::lock_guard lock(mutex_);
    if (phase_ != phase::closing) return phase_ == phase::over;
    phase_ = phase::over;
    changed_.notify_all();
    return true;
}

void runner_session::ended(runner_end end) {
    const std::string wrote =
        end.last_words.empty() ? "" : "; the last it wrote: " + end.last_words;
    phase before = phase::over;
    std::vector<isolated_call_ptr> left;
    {
        const std::lock_guard lock(mutex_);
        before = std::exchange(phase_, phase::over);
        if (before < phase::ready) {
            failure_ = failure{failure::reason::died,
                               make_error(error_code::unavailable,
                                          "its process ended with " + end.how +
                                              " while it was loaded and opened" + wrote,
                                          "Run \"sluice connector check\" on the file."),
                               end.how};
        }
        changed_.notify_all();
        if (before == phase::ready) {
            for (auto& [number, call] : std::exchange(calls_, {})) {
                for (auto& [ignored, operation] : std::exchange(call->operations, {}))
                    call->forgotten.push_back(std::move(operation));
                left.push_back(std::move(call));
            }
        }
    }
    if (before == phase::closing) {
        base::log(base::log_level::error, "the process of a connector died while it was closed",
                  {{"connector", connector_}, {"how", end.how}, {"last_words", end.last_words}});
    }
    if (before != phase::ready) return;
    events_.died(
        {this, std::move(end.how), std::move(end.last_words), std::move(left), end.understood});
}

void runner_session::kill(std::string why) {
    if (link_) link_->kill(std::move(why));
}

void runner_session::violation(const char* what) {
    const std::lock_guard lock(mutex_);
    violation_ = std::string("it sent ") + what + " and was ended";
    if (link_) link_->kill(violation_);
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

bool runner_session::has_calls_to_wait_for() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(
        calls_, [](const auto& each) { return each.second->begun && !each.second->given_up; });
}

int runner_session::pid() const {
    const std::lock_guard lock(mutex_);
    return link_ ? link_->pid() : 0;
}

std::optional<hardening_report> runner_session::hardening() const {
    const std::lock_guard lock(mutex_);
    return hardening_;
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
    const auto failed = one.kind == frame_kind::fail ? body.failure() : std::nullopt;
    const std::string_view text = one.kind == frame_kind::fail ? "" : body.text();
    if (!body.finished()) return violation("a broken end of a call");
    const isolated_call_ptr call = take(one.call);
    sluice_call* handle = call ? call->handle : nullptr;
    if (!call) {
        // Completed again, or never there: the host counts it as it does in this process, and tells
        // it in the log, as long as that has room.
        if (!log_->allows(base::log_level::warning, text.size())) return;
        const std::lock_guard lock(mutex_);
        for (const auto& [number, ended] : ended_calls_) {
            if (number == one.call) handle = ended;
        }
    }
    const current_call_scope scope(connector_.c_str(), call ? call->action.c_str() : "");
    if (one.kind == frame_kind::complete) host_.complete(handle, to_abi(text));
    if (one.kind == frame_kind::fail) host_.fail(handle, failed ? &*failed : nullptr);
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
    if (!log_->allows(to_level(level), message.size() + fields.size())) return;
    const isolated_call_ptr call = find(one.call);
    const current_call_scope scope(connector_.c_str(), "");
    host_.log(&host_, call ? call->handle : nullptr, level, to_abi(message), to_abi(fields));
}

// ---- Frames -------------------------------------------------------------------------------------

void runner_session::received(frame one) {
    bool fine = true;
    switch (one.kind) {
        case frame_kind::hardened:
            return hardened(one);
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
        case frame_kind::closed:
            fine = closed();
            break;
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
