#include "plugin/plugin_testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace sluice::plugin {

std::filesystem::path fixture(std::string_view name) {
    return std::filesystem::path(SLUICE_FIXTURES) / (std::string(name) + ".so");
}

probe_code::probe_code(start_function on_start, cancel_function on_cancel)
    : ::probe{[](::probe* self, const sluice_host* host, sluice_call* call,
                 const sluice_request* request) {
                  static_cast<probe_code*>(self)->on_start_(host, call, request);
              },
              [](::probe* self, const sluice_host* host, sluice_call* call) {
                  const auto& asked = static_cast<probe_code*>(self)->on_cancel_;
                  if (asked) asked(host, call);
              }},
      on_start_(std::move(on_start)),
      on_cancel_(std::move(on_cancel)) {}

std::string probe_code::input_json() const {
    const ::probe* address = this;
    return "{\"probe\":" + std::to_string(reinterpret_cast<std::uintptr_t>(address)) + "}";
}

std::string output_of(const call_outcome& outcome) {
    if (outcome.output_json) return *outcome.output_json;
    return "error: " + outcome.output_json.error_value().to_text();
}

base::error_code code_of(const call_outcome& outcome) {
    return outcome.output_json ? base::error_code::ok : outcome.output_json.error_value().code;
}

std::uint64_t scripted_http::send(net::client_request request, done finished) {
    requests.push_back({++last_, std::move(request), std::move(finished)});
    return last_;
}

void scripted_http::cancel(std::uint64_t operation) {
    const auto found = std::ranges::find(requests, operation, &waiting::operation);
    if (found == requests.end()) return;
    ++cancelled;
    loop_.post([finished = std::move(found->finished)] {
        finished(base::make_error(base::error_code::cancelled, "cancelled"));
    });
    requests.erase(found);
}

namespace {

// Puts what a source gives behind `so_far`.
void read_all(std::shared_ptr<net::body_source> source, std::string so_far,
              std::function<void(std::string)> done) {
    source->read([source, so_far = std::move(so_far),
                  done = std::move(done)](base::result<std::string> piece) mutable {
        EXPECT_TRUE(piece);
        if (!piece || piece->empty()) return done(std::move(so_far));
        read_all(source, so_far + *piece, std::move(done));
    });
}

}  // namespace

void scripted_http::answer(base::result<net::client_response> response) {
    ASSERT_FALSE(requests.empty());
    auto request = std::move(requests.front().request);
    auto finished = std::move(requests.front().finished);
    requests.erase(requests.begin());
    if (response && request.source) {
        auto source = std::move(request.source);
        read_all(source, "", [this, request, finished, response](std::string body) mutable {
            last_source_body = std::move(body);
            deliver(request, std::move(*response), std::move(finished));
        });
        return;
    }
    if (response) return deliver(request, std::move(*response), std::move(finished));
    loop_.post([finished = std::move(finished), why = response.error_value()] { finished(why); });
}

void scripted_http::deliver(const net::client_request& request, net::client_response response,
                            done finished) {
    const auto sink = request.choose_sink ? request.choose_sink(response) : nullptr;
    if (!sink) {
        loop_.post([finished = std::move(finished), response = std::move(response)] {
            finished(response);
        });
        return;
    }
    auto head = response;
    head.body.clear();
    const auto end = [finished, head](const base::result<void>& outcome) {
        if (!outcome) return finished(outcome.error_value());
        finished(head);
    };
    sink->write(response.body, [sink, end](base::result<void> written) {
        if (!written) return end(written);
        sink->finish([sink, end](base::result<void> whole) { end(whole); });
    });
}

std::function<start_runner(base::event_loop&, base::clock&)>& runner_of_tests() {
    static std::function<start_runner(base::event_loop&, base::clock&)> made;
    return made;
}

plugin_world::plugin_world(plugin_world_options options) {
    std::filesystem::create_directory(folder());
    host_ports ports{loop, clock, &http, options.state, {}};
    ports.on_log = [this](connector_log_line line) {
        const std::lock_guard lock(log_mutex);
        log_lines.push_back(std::move(line));
    };
    host_options host;
    host.folder = folder();
    host.cache_folder = root.path() / "cache";
    host.temporary_folder = root.path();
    if (options.durable_blobs) host.blob_folder = root.path() / "blobs";
    host.blob_bytes_per_execution = options.blob_quota;
    host.disk_shortage = options.disk_shortage;
    host.grace_ms = options.grace_ms;
    host.blocking_threads = options.blocking_threads;
    host.blocking_queue = options.blocking_queue;
    host.runner = options.runner;
    host.runner_timing = options.runner_timing;
    host.runner_folder = options.runner_folder;
    if (!host.runner && runner_of_tests()) host.runner = runner_of_tests()(loop, clock);
    if (host.runner) host.isolation.for_others = {isolation_mode::process, options.runner_limits};
    connectors.emplace(std::move(ports), std::move(host));
}

plugin_world::~plugin_world() {
    bool closed = false;
    connectors->shutdown(60'000, [&](std::size_t) { closed = true; });
    EXPECT_TRUE(run_until([&] {
        // Calls that never end: let the patience run out, but not before close() had its time.
        if (!closed) loop.advance_ms(100);
        return closed;
    }));
    connectors.reset();
    loop.run_ready();
}

void plugin_world::install(std::string_view name, std::string as) {
    if (as.empty()) as = std::string(name) + ".so";
    const auto temporary = root.path() / "incoming";
    std::filesystem::copy_file(fixture(name), temporary,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(temporary, folder() / as);
    const auto scanned = connectors->rescan();
    ASSERT_TRUE(scanned) << scanned.error_value().to_text();
}

bool plugin_world::run_until(const std::function<bool()>& condition) {
    return base::wait_until([&] {
        loop.run_ready();
        return condition();
    });
}

call_outcome plugin_world::call(connector& subject, call_request request) {
    std::optional<call_outcome> outcome;
    subject.start(std::move(request), [&](call_outcome got) { outcome = std::move(got); });
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); })) << "the call did not end";
    return outcome.value_or(call_outcome{});
}

call_outcome plugin_world::call(std::string_view id, std::string action, std::string input_json) {
    const auto subject = connectors->find(id);
    EXPECT_TRUE(subject) << id << " is not there";
    if (!subject) return {};
    call_request request;
    request.action = std::move(action);
    request.input_json = std::move(input_json);
    return call(*subject, std::move(request));
}

call_outcome plugin_world::run(probe_code& code, call_request request, const char* action) {
    const auto subject = connectors->find("probe");
    EXPECT_TRUE(subject) << "install `probe` first";
    if (!subject) return {};
    request.action = action;
    request.input_json = code.input_json();
    return call(*subject, std::move(request));
}

action_counters plugin_world::count(std::string_view action) const {
    action_counters sum;
    for (const action_counters& each : connectors->counters()) {
        if (each.action != action) continue;
        sum.connector = each.connector;
        sum.action = each.action;
        sum.calls += each.calls;
        sum.completions += each.completions;
        sum.failures += each.failures;
        sum.late += each.late;
        sum.second += each.second;
        sum.missing += each.missing;
        sum.bad_json += each.bad_json;
        sum.exceptions += each.exceptions;
    }
    return sum;
}

}  // namespace sluice::plugin
