// What offline runs get instead of real connectors and a real network: replies from a file.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/event_loop.hpp"
#include "base/result.hpp"
#include "engine/ports.hpp"
#include "plugin/http_port.hpp"

namespace sluice::cli {

// Replies of actions ("connector.action") and of `call: http` ("http"): one reply or a list.
// Without `when` they are used in turn and the last one stays; a reply with `when` answers, as
// often as it fits, calls whose input has what `when` says (json_difference.hpp). A reply is
// {"output": ..} or
// {"error": {"code", "status", "message", "retryAfterMs"}}; for http {"status", "headers", "body"}.
class mock_calls final : public engine::call_port {
  public:
    struct made_call {
        std::string function;  // "connector.action" or "http"
        json::value input;     // of http: {method, url, headers, body}
    };

    // `real` and `real_http` may be null: what has no mock then fails, and `on_missing` is told.
    // All outlive it.
    mock_calls(base::event_loop& loop, engine::call_port* real, plugin::http_port* real_http)
        : loop_(loop), real_(real), real_http_(real_http), http_(*this) {}

    // Errors name the entry.
    base::result<void> load(const json::value& mocks);
    void on_missing(std::function<void(const base::error&)> told) { missing_ = std::move(told); }

    operation start(engine::connector_call call,
                    std::function<void(engine::connector_reply)> done) override;
    void cancel(operation which) override;
    void forget(store::event_id execution) override;
    // For `call: http`.
    plugin::http_port& http() { return http_; }

    const std::vector<made_call>& made() const { return made_; }
    // Entries that no call has used.
    std::vector<std::string> unused() const;

  private:
    class http_side final : public plugin::http_port {
      public:
        explicit http_side(mock_calls& of) : of_(of) {}
        std::uint64_t send(net::client_request request, done finished) override {
            return of_.send(std::move(request), std::move(finished));
        }
        void cancel(std::uint64_t which) override {
            if (of_.real_http_ != nullptr) of_.real_http_->cancel(which);
        }

      private:
        mock_calls& of_;
    };
    std::uint64_t send(net::client_request request, plugin::http_port::done finished);

    struct reply {
        json::value when;  // null: any input
        bool has_when = false;
        plugin::call_outcome outcome;
        net::client_response response;
    };
    struct script {
        std::vector<reply> replies;
        std::size_t next = 0;
        bool used = false;
    };
    static base::result<reply> read_reply(const std::string& entry, const json::value& from);
    // Null: there is none.
    const reply* choose(const std::string& function, const json::value& input);
    base::error missing(const std::string& function, bool has_others);

    base::event_loop& loop_;
    engine::call_port* real_;
    plugin::http_port* real_http_;
    http_side http_;
    std::function<void(const base::error&)> missing_;
    std::map<std::string, script> scripts_;
    std::vector<made_call> made_;
};

}  // namespace sluice::cli
