// Senders that wait for the result of a flow.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/event_loop.hpp"
#include "engine/engine.hpp"
#include "net/http_types.hpp"
#include "trigger/upload.hpp"

namespace sluice::trigger {

// Loop thread. Everything given outlives it.
class callers {
  public:
    callers(base::event_loop& loop, engine::engine& engine,
            std::function<std::string(store::event_id)> address_of, const uploads* files);

    // Answers with the result of an execution, or after `within_ms` with 202 and its address.
    void await_end(store::event_id id, std::int64_t within_ms, net::responder answer);
    void on_end(store::event_id id, const engine::end_of_execution& end);
    // Whether a sender still waits for the result.
    bool is_awaited(store::event_id id) const { return waiting_.contains(id); }
    // Runs a flow of which nothing is kept and answers with its result; after `within_ms` it is
    // given up: there is no record that could tell its result later.
    void run_unrecorded(std::shared_ptr<const engine::bound_flow> flow, json::value payload,
                        std::int64_t within_ms, net::responder answer);
    // Accepts and runs an event in one (engine::run_at_once). Answers when both are durable: with
    // the result, or with 202.
    void run_at_once(std::shared_ptr<const engine::bound_flow> flow, store::new_event event,
                     json::value payload, bool with_result, net::responder answer);
    // No execution ends any more in this process: those who wait now, and those who still come, get
    // 202 and the address of theirs.
    void answer_all();

  private:
    // The output, a file, or the fault.
    net::http_response result(store::event_id id, const engine::end_of_execution& end) const;

    struct caller {
        net::responder answer;
        base::event_loop::timer_id timer = 0;
    };

    base::event_loop& loop_;
    engine::engine& engine_;
    std::function<std::string(store::event_id)> address_of_;
    const uploads* files_;  // null: files are no responses
    std::unordered_map<store::event_id, caller> waiting_;
    bool ending_ = false;
};

}  // namespace sluice::trigger
