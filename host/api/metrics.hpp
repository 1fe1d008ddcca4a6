// What Prometheus reads: counted where it happens, or looked up when it is asked for. No label
// names a customer, an instance or an execution; flows, connectors and actions are as many as there
// are in manifests and descriptors, and a metric has a thousand series at most (beyond: "other").
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "store/types.hpp"

namespace sluice::api {

class metrics {
  public:
    metrics();
    ~metrics();
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;

    // Any thread, all of these.
    void hook_answered(int status);
    void execution_ended(const std::string& flow, store::event_state state);
    void call_ended(const std::string& connector, const std::string& action, std::int64_t took_ns,
                    bool ok, bool denied);  // denied: the connection was not accepted
    void committed(std::int64_t microseconds, std::size_t requests);
    // `status` 0: there was no answer.
    void request_answered(int status);

    // A number as it is now, with one label or none.
    void set(const std::string& name, const std::string& help, double value,
             const std::string& label = {}, const std::string& content = {});
    // Prometheus' text format, version 0.0.4.
    std::string text() const;

  private:
    struct families;
    std::unique_ptr<families> all_;
};

}  // namespace sluice::api
