#include "runner/core.hpp"

#include <exception>
#include <utility>

#include "base/log.hpp"
#include "plugin/abi_error.hpp"
#include "plugin/current_call.hpp"
#include "plugin/live_call.hpp"
#include "runner/tables.hpp"

namespace sluice::runner {

using base::error_code;
using base::make_error;
using plugin::frame;
using plugin::frame_kind;
using plugin::frame_reader;
using plugin::frame_writer;

core::core(plugin::library code, base::event_loop& loop, core_options options,
           std::function<void(const frame&)> send, std::function<void()> closed)
    : code_(std::move(code)),
      loop_(loop),
      options_(std::move(options)),
      send_(std::move(send)),
      closed_(std::move(closed)),
      table_(make_table(*this)),
      pool_(options_.name, options_.blocking_threads, options_.blocking_queue),
      sessions_(std::make_shared<plugin::session_cache>(plugin::session_ports{
          loop_, options_.clock,
          [this](std::function<void()> work) { return pool_.submit(std::move(work)); },
          [this](const std::function<void()>& close) {
              const plugin::current_call_scope scope(options_.name.c_str(), "close of a session");
              try {
                  close();
              } catch (...) {
                  base::log(base::log_level::error,
                            "an exception left a connector's close of a session",
                            {{"connector", options_.name}});
              }
          }})) {}

core::~core() {
    host_is_gone();
    sessions_->stop();
    for (const auto& [number, call] : calls_)
        call_list::remove(call->handle);
}

void core::host_is_gone() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    answered_.notify_all();
}

bool core::offers(plugin::frame_service service) const {
    return (services_ & static_cast<std::uint64_t>(service)) != 0;
}

void core::send(frame_kind kind, std::uint64_t call, frame_writer&& body) const {
    frame one;
    one.kind = kind;
    one.call = call;
    one.body = body.take();
    send_(one);
}

void core::on_loop(std::function<void(core&)> work) {
    loop_.post([self = weak_from_this(), work = std::move(work)] {
        if (const auto own = self.lock()) work(*own);
    });
}

runner_call_ptr core::find(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(number);
    return found == calls_.end() ? nullptr : found->second;
}

bool core::received(const frame& one) {
    const runner_call_ptr call = find(one.call);
    switch (one.kind) {
        case frame_kind::open:
            on_loop([one](core& own) { own.open(one); });
            return true;
        case frame_kind::start:
            return !call && start(one);
        case frame_kind::cancel:
            if (call) on_loop([call](core& own) { own.cancel(call); });
            return true;
        case frame_kind::answer:
            if (call) on_loop([call, one](core& own) { own.answer(call, one); });
            return true;
        case frame_kind::reply:
            return reply(one);
        case frame_kind::ping:
            on_loop([one](const core& own) {
                frame pong = one;
                pong.kind = frame_kind::pong;
                own.send(pong);
            });
            return true;
        case frame_kind::close:
            on_loop([](core& own) { own.close(); });
            return true;
        default:
            return false;
    }
}

// ---- Open and close -----------------------------------------------------------------------------

void core::open(const frame& one) {
    services_ = frame_reader(one.body).number();
    const plugin::current_call_scope scope(options_.name.c_str(), "open");
    core_of_thread() = weak_from_this();
    sluice_error why = {};
    why.size = sizeof why;
    base::error thrown;
    sluice_code code = SLUICE_OK;
    try {
        code = code_.table->open(&table_, &self_, &why);
        why.code = code;
    } catch (const std::exception& left) {
        thrown = make_error(error_code::internal,
                            std::string("an exception left its open function: ") + left.what());
        why = plugin::to_abi_error(thrown);
        code = why.code;
    } catch (...) {
        thrown = make_error(error_code::internal, "an exception left its open function");
        why = plugin::to_abi_error(thrown);
        code = why.code;
    }
    frame_writer body;
    body.failure(code == SLUICE_OK ? nullptr : &why);
    send(frame_kind::opened, 0, std::move(body));
}

void core::close() {
    const plugin::current_call_scope scope(options_.name.c_str(), "close");
    sessions_->close_all();
    try {
        code_.table->close(self_);
    } catch (...) {
        // Nothing of the connector runs after this.
    }
    send(frame_kind::closed, 0, {});
    closed_();
}

// ---- Calls --------------------------------------------------------------------------------------

bool core::start(const frame& one) {
    auto call = std::make_shared<runner_call>();
    frame_reader body(one.body);
    call->of = weak_from_this();
    call->number = one.call;
    call->action = code_.find(body.text());
    const auto attempt = static_cast<std::uint32_t>(body.number());
    call->input = body.text();
    call->connection = body.text();
    call->idempotency_key = body.text();
    const auto deadline = static_cast<std::int64_t>(body.number());
    call->instance = body.text();
    call->verifier = body.number() != 0;
    if (!body.finished() || call->action == nullptr) return false;
    call->request = {sizeof(sluice_request),
                     attempt,
                     plugin::to_abi(call->input),
                     plugin::to_abi(call->connection),
                     plugin::to_abi(call->idempotency_key),
                     deadline,
                     &call->slot};
    call_list::add(call);
    {
        const std::lock_guard lock(mutex_);
        calls_.emplace(call->number, call);
    }
    on_loop([call](core& own) {
        if ((call->action->flags & SLUICE_ACTION_BLOCKING) == 0) return own.enter(call);
        own.enter_blocking(call);
    });
    return true;
}

void core::enter_blocking(const runner_call_ptr& call) {
    // The pool is ours and ends first.
    const bool queued = pool_.submit([this, call] { enter(call); });
    if (queued) return;
    base::error full =
        make_error(error_code::unavailable,
                   options_.name + " has " + std::to_string(options_.blocking_queue) +
                       " blocking calls waiting already",
                   "It is retried; if this lasts, its third party is too slow.");
    full.retry_after_ms = 1'000;
    fail(call, full);
}

void core::enter(const runner_call_ptr& call) {
    if (call->over || call->entered.exchange(true)) return;
    send(frame_kind::begun, call->number, {});
    // What the host believes not to have begun, it starts again.
    if (options_.flush) options_.flush();
    call_connector(call, [&] { call->action->start(self_, call->handle, &call->request); });
}

void core::call_connector(const runner_call_ptr& call, const std::function<void()>& function) {
    const plugin::current_call_scope scope(options_.name.c_str(), call->action->id);
    core_of_thread() = weak_from_this();
    std::string what;
    try {
        return function();
    } catch (const std::exception& thrown) {
        what = thrown.what();
    } catch (...) {
        what = "not a std::exception";
    }
    if (end(call->handle))
        send(frame_kind::threw, call->number, std::move(frame_writer().text(what)));
}

runner_call_ptr core::end(sluice_call* handle) {
    const runner_call_ptr call = call_list::find(handle);
    if (!call || call->over.exchange(true)) return nullptr;
    call_list::remove(handle);
    // What is pending is given up without an answer, outside of the lock: it may hold blobs.
    std::map<std::uint64_t, runner_operation> dropped;
    const std::lock_guard lock(mutex_);
    calls_.erase(call->number);
    dropped.swap(call->operations);
    return call;
}

void core::fail(const runner_call_ptr& call, const base::error& why) {
    if (!end(call->handle)) return;
    const sluice_error error = plugin::to_abi_error(why);
    send(frame_kind::fail, call->number, std::move(frame_writer().failure(&error)));
}

void core::cancel(const runner_call_ptr& call) {
    if (call->over || call->cancelling.exchange(true)) return;
    if (!call->entered.exchange(true)) {
        return fail(call, make_error(error_code::cancelled,
                                     options_.name + " was cancelled before it started"));
    }
    if (code_.table->cancel != nullptr) {
        call_connector(call, [&] { code_.table->cancel(self_, call->handle, call->slot); });
    }
    std::vector<std::function<void()>> own;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [number, operation] : call->operations) {
            if (operation.cancel) own.push_back(operation.cancel);
        }
    }
    for (const auto& give_in : own)
        give_in();
}

void core::post(const runner_call_ptr& call, std::function<void()> work) {
    on_loop([call, work = std::move(work)](core& own) {
        if (!call->over) own.call_connector(call, work);
    });
}

void core::forget_refused_sessions(const runner_call& call, const sluice_error* error) {
    if (error == nullptr || !SLUICE_HAS(error, code) || error->code != SLUICE_AUTH) return;
    if (call.verifier || sessions_->empty()) return;
    sessions_->forget(plugin::session_cache::owner_of(call.instance, call.connection));
}

// ---- Operations ---------------------------------------------------------------------------------

std::uint64_t core::request(const runner_call_ptr& call, frame_writer&& body,
                            operation_answer answer) {
    frame one;
    one.kind = frame_kind::request;
    one.call = call->number;
    one.body = body.take();
    {
        const std::lock_guard lock(mutex_);
        one.operation = ++last_operation_;
        if (!call->over)
            call->operations.emplace(one.operation, runner_operation{std::move(answer), {}});
    }
    send_(one);
    return one.operation;
}

void core::give_up(const runner_call_ptr& call, std::uint64_t operation) {
    frame one;
    one.kind = frame_kind::give_up;
    one.call = call->number;
    one.operation = operation;
    send_(one);
}

void core::answer(const runner_call_ptr& call, const frame& one) {
    runner_operation operation;
    {
        const std::lock_guard lock(mutex_);
        const auto found = call->operations.find(one.operation);
        if (call->over || found == call->operations.end()) return;
        operation = std::move(found->second);
        call->operations.erase(found);
    }
    frame_reader body(one.body);
    const auto failure = body.failure();
    call_connector(call, [&] { operation.answer(failure ? &*failure : nullptr, body); });
}

void core::run_work(const runner_call_ptr& call, sluice_fn blocking, sluice_done done, void* user) {
    std::uint64_t number = 0;
    const auto finish = [this, call, done, user](std::uint64_t operation, base::error why) {
        on_loop([call, done, user, operation, why = std::move(why)](core& mine) {
            {
                const std::lock_guard lock(mine.mutex_);
                if (call->over || call->operations.erase(operation) == 0) return;
            }
            const sluice_error error = plugin::to_abi_error(why);
            mine.call_connector(call,
                                [&] { done(user, why.code == error_code::ok ? nullptr : &error); });
        });
    };
    // Who comes first: the pool that runs it, or the one who cancels it.
    auto taken = std::make_shared<std::atomic<bool>>(false);
    const base::error cancelled =
        make_error(error_code::cancelled, "the call was cancelled before the work began");
    {
        const std::lock_guard lock(mutex_);
        number = ++last_operation_;
        if (call->over) return;
        call->operations.emplace(number, runner_operation{{}, [taken, finish, number, cancelled] {
                                                              if (!taken->exchange(true))
                                                                  finish(number, cancelled);
                                                          }});
    }
    if (call->cancelling) {
        if (!taken->exchange(true)) finish(number, cancelled);
        return;
    }
    const bool queued = pool_.submit([this, call, blocking, user, taken, finish, number] {
        if (taken->exchange(true)) return;
        if (call->over) return;  // `user` may be gone
        call_connector(call, [&] { blocking(user); });
        base::error fine;
        fine.code = error_code::ok;
        finish(number, fine);
    });
    if (queued || taken->exchange(true)) return;
    base::error full = make_error(error_code::unavailable,
                                  options_.name + " has too much blocking work waiting already");
    full.retry_after_ms = 1'000;
    finish(number, full);
}

// ---- Questions ----------------------------------------------------------------------------------

core::blob_facts core::ask(const runner_call_ptr& call, plugin::frame_question what,
                           std::string_view text) {
    question mine;
    frame one;
    one.kind = frame_kind::ask;
    one.call = call->number;
    one.body = frame_writer().number(static_cast<std::uint64_t>(what)).text(text).take();
    std::unique_lock lock(mutex_);
    one.operation = ++last_operation_;
    questions_.emplace(one.operation, &mine);
    lock.unlock();
    send_(one);
    lock.lock();
    answered_.wait(lock, [&] { return mine.answered || gone_; });
    questions_.erase(one.operation);
    return mine.facts;
}

bool core::reply(const frame& one) {
    frame_reader body(one.body);
    blob_facts facts;
    facts.number = body.number();
    facts.id = body.text();
    facts.length = body.number();
    const std::lock_guard lock(mutex_);
    const auto found = questions_.find(one.operation);
    if (!body.finished() || found == questions_.end()) return false;
    found->second->facts = std::move(facts);
    found->second->answered = true;
    answered_.notify_all();
    return true;
}

}  // namespace sluice::runner
