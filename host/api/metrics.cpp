#include "api/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace sluice::api {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

constexpr std::size_t most_series = 1000;

Histogram::BucketBoundaries seconds() {
    return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300};
}
Histogram::BucketBoundaries requests() { return {1, 2, 4, 8, 16, 32, 64, 128, 256}; }

// "2xx"; "none" for no answer.
std::string class_of(int status) {
    return status < 100 ? "none" : std::to_string(status / 100) + "xx";
}

// Keeps the number of series of a family in bounds.
class bounded {
  public:
    Labels fit(Labels labels) {
        const std::lock_guard lock(mutex_);
        if (seen_.contains(labels)) return labels;
        if (seen_.size() < most_series) {
            seen_.insert(labels);
            return labels;
        }
        for (auto& [name, content] : labels)
            content = "other";
        return labels;
    }

  private:
    std::mutex mutex_;
    std::set<Labels> seen_;
};

}  // namespace

struct metrics::families {
    prometheus::Registry registry;
    Family<Counter>& hooks =
        prometheus::BuildCounter()
            .Name("sluice_webhook_requests_total")
            .Help("Requests to webhook addresses, by the class of their answer: 2xx are accepted")
            .Register(registry);
    Family<Counter>& executions = prometheus::BuildCounter()
                                      .Name("sluice_executions_total")
                                      .Help("Executions that ended, by flow and state")
                                      .Register(registry);
    Family<Histogram>& calls = prometheus::BuildHistogram()
                                   .Name("sluice_call_seconds")
                                   .Help("Calls of connectors, by action and outcome")
                                   .Register(registry);
    Family<Counter>& denied =
        prometheus::BuildCounter()
            .Name("sluice_connection_errors_total")
            .Help("Calls that failed because the third party did not accept the connection")
            .Register(registry);
    Family<Counter>& requests_out =
        prometheus::BuildCounter()
            .Name("sluice_http_client_requests_total")
            .Help("Requests to third parties, by the class of their answer")
            .Register(registry);
    Histogram& commits = prometheus::BuildHistogram()
                             .Name("sluice_store_commit_seconds")
                             .Help("Transactions of the store, fsync included")
                             .Register(registry)
                             .Add({}, seconds());
    Histogram& batches = prometheus::BuildHistogram()
                             .Name("sluice_store_commit_requests")
                             .Help("Requests that one transaction (one fsync) made durable")
                             .Register(registry)
                             .Add({}, requests());
    bounded executions_bound, calls_bound, denied_bound;
    std::mutex gauges_mutex;
    std::map<std::string, Family<Gauge>*> gauges;
};

metrics::metrics() : all_(std::make_unique<families>()) {}

metrics::~metrics() = default;

void metrics::hook_answered(int status) {
    all_->hooks.Add({{"class", class_of(status)}}).Increment();
}

void metrics::execution_ended(const std::string& flow, store::event_state state) {
    const Labels labels =
        all_->executions_bound.fit({{"flow", flow}, {"state", store::to_string(state)}});
    all_->executions.Add(labels).Increment();
}

void metrics::call_ended(const std::string& connector, const std::string& action,
                         std::int64_t took_ns, bool ok, bool denied) {
    const Labels labels = all_->calls_bound.fit(
        {{"connector", connector}, {"action", action}, {"outcome", ok ? "ok" : "failed"}});
    all_->calls.Add(labels, seconds()).Observe(static_cast<double>(took_ns) / 1e9);
    if (denied) {
        all_->denied.Add(all_->denied_bound.fit({{"connector", connector}})).Increment();
    }
}

void metrics::committed(std::int64_t microseconds, std::size_t count) {
    all_->commits.Observe(static_cast<double>(microseconds) / 1e6);
    all_->batches.Observe(static_cast<double>(count));
}

void metrics::request_answered(int status) {
    all_->requests_out.Add({{"class", class_of(status)}}).Increment();
}

void metrics::set(const std::string& name, const std::string& help, double value,
                  const std::string& label, const std::string& content) {
    const std::lock_guard lock(all_->gauges_mutex);
    Family<Gauge>*& family = all_->gauges[name];
    if (family == nullptr) {
        family = &prometheus::BuildGauge().Name(name).Help(help).Register(all_->registry);
    }
    family->Add(label.empty() ? Labels() : Labels{{label, content}}).Set(value);
}

std::string metrics::text() const {
    return prometheus::TextSerializer().Serialize(all_->registry.Collect());
}

}  // namespace sluice::api
