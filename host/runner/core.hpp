// The runner's side of the frames (plugin/frame.hpp): gives a loaded connector a host table that
// talks to the real host.
//
// Services that reach the outside or the host's records are asked of the host; posted functions,
// work/1 and threads for blocking actions are the runner's own. Each call's strand is the loop.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/thread.hpp"
#include "plugin/frame.hpp"
#include "plugin/library.hpp"
#include "plugin/session_cache.hpp"
#include "runner/runner_call.hpp"

namespace sluice::runner {

struct core_options {
    std::string name;  // "github 0.1.0"
    base::clock& clock;
    std::size_t blocking_threads = 16;
    std::size_t blocking_queue = 1'000;
    // Waits until what was sent would arrive even if the process died now. Empty: it would.
    std::function<void()> flush = {};
};

class core : public std::enable_shared_from_this<core> {
  public:
    // `loop` outlives it. `send` may be called on any thread. `closed` runs on the loop after the
    // connector's close function.
    core(plugin::library code, base::event_loop& loop, core_options options,
         std::function<void(const plugin::frame&)> send, std::function<void()> closed);
    ~core();
    core(const core&) = delete;
    core& operator=(const core&) = delete;

    // Any thread, one at a time. False: the host breaks the protocol.
    bool received(const plugin::frame& one);
    // Nothing comes any more: nobody waits for an answer.
    void host_is_gone();

    // ---- For the tables that connectors see ----

    bool offers(plugin::frame_service service) const;
    base::clock& clock() const { return options_.clock; }
    // Takes the call out of the list of those that run; null when it was over.
    runner_call_ptr end(sluice_call* handle);
    void send(const plugin::frame& one) const { send_(one); }
    // A frame of this kind for that call.
    void send(plugin::frame_kind kind, std::uint64_t call, plugin::frame_writer&& body) const;
    void post(const runner_call_ptr& call, std::function<void()> work);
    // An operation that the host answers; `answer` runs on the strand, unless the call is over.
    std::uint64_t request(const runner_call_ptr& call, plugin::frame_writer&& body,
                          operation_answer answer);
    void give_up(const runner_call_ptr& call, std::uint64_t operation);
    // sluice.session/1; never null.
    plugin::session_cache& sessions() { return *sessions_; }
    // What a failed call says about the sessions of its connection.
    void forget_refused_sessions(const runner_call& call, const sluice_error* error);
    void run_work(const runner_call_ptr& call, sluice_fn blocking, sluice_done done, void* user);
    struct blob_facts {
        std::uint64_t number = 0;  // 0: there is none
        std::string id;
        std::uint64_t length = 0;
    };
    // Waits for the host's answer.
    blob_facts ask(const runner_call_ptr& call, plugin::frame_question question,
                   std::string_view text);

  private:
    struct question {
        bool answered = false;
        blob_facts facts;
    };

    void on_loop(std::function<void(core&)> work);
    void open(const plugin::frame& one);
    void close();
    bool start(const plugin::frame& one);
    void enter(const runner_call_ptr& call);
    void enter_blocking(const runner_call_ptr& call);
    void cancel(const runner_call_ptr& call);
    void answer(const runner_call_ptr& call, const plugin::frame& one);
    bool reply(const plugin::frame& one);
    // Calls into the connector; what is thrown ends the call.
    void call_connector(const runner_call_ptr& call, const std::function<void()>& function);
    runner_call_ptr find(std::uint64_t number) const;
    void fail(const runner_call_ptr& call, const base::error& why);

    const plugin::library code_;
    base::event_loop& loop_;
    const core_options options_;
    const std::function<void(const plugin::frame&)> send_;
    const std::function<void()> closed_;
    sluice_host table_;
    void* self_ = nullptr;
    std::atomic<std::uint64_t> services_{0};
    mutable std::mutex mutex_;
    std::condition_variable answered_;
    bool gone_ = false;
    std::map<std::uint64_t, runner_call_ptr> calls_;
    std::uint64_t last_operation_ = 0;
    std::map<std::uint64_t, question*> questions_;
    base::blocking_pool pool_;
    const std::shared_ptr<plugin::session_cache> sessions_;
};

}  // namespace sluice::runner
