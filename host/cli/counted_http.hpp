// Requests to third parties, counted by what came of them.
#pragma once

#include <functional>
#include <utility>

#include "plugin/http_port.hpp"

namespace sluice::cli {

class counted_http final : public plugin::http_port {
  public:
    explicit counted_http(plugin::http_port& real) : real_(real) {}
    // `status` 0: there was no answer. Empty: nobody wants to know.
    void observe(std::function<void(int status)> told) { told_ = std::move(told); }

    std::uint64_t send(net::client_request request, done finished) override {
        if (!told_) return real_.send(std::move(request), std::move(finished));
        return real_.send(std::move(request), [this, finished = std::move(finished)](
                                                  base::result<net::client_response> answer) {
            told_(answer ? answer->status : 0);
            finished(std::move(answer));
        });
    }
    void cancel(std::uint64_t operation) override { real_.cancel(operation); }

  private:
    plugin::http_port& real_;
    std::function<void(int status)> told_;
};

}  // namespace sluice::cli
