// What a connector call costs beyond the connector's own work.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "base/manual_loop.hpp"
#include "json/text.hpp"
#include "plugin/registry.hpp"

namespace sluice::plugin {

namespace {

std::string make_input(std::int64_t size) {
    std::string text = R"({"items":[)";
    while (text.size() < static_cast<std::size_t>(size)) {
        text += R"({"name":"somebody","n":12345},)";
    }
    text.back() = ']';
    return text + "}";
}

struct bench_world {
    bench_world() {
        root = std::filesystem::temp_directory_path() /
               ("sluice-bench-" + std::to_string(time.steady_ns()));
        std::filesystem::create_directories(root / "connectors");
        std::filesystem::copy_file(SLUICE_FIXTURES "/probe.so", root / "connectors" / "probe.so");
        host_options options;
        options.folder = root / "connectors";
        options.cache_folder = root / "cache";
        connectors.emplace(host_ports{loop, clock, nullptr, nullptr, {}}, options);
        if (!connectors->rescan()) std::abort();
        subject = connectors->find("probe");
        // Loads it; by then the cost of a call is that of a call.
        bool ready = false;
        subject->start(request("{}"), [&](call_outcome) { ready = true; });
        while (!ready)
            loop.run_ready();
    }
    ~bench_world() {
        bool closed = false;
        connectors->shutdown(1'000, [&](std::size_t) { closed = true; });
        while (!closed)
            loop.run_ready();
        std::filesystem::remove_all(root);
    }
    static call_request request(std::string input) {
        call_request out;
        out.action = "echo";
        out.input_json = std::move(input);
        out.idempotency_key = "x0000000000000/0/0";
        return out;
    }

    base::system_clock time;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    std::filesystem::path root;
    std::optional<registry> connectors;
    std::shared_ptr<connector> subject;
};

void call_echo(benchmark::State& state) {
    bench_world world;
    const std::string input = make_input(state.range(0));
    for (auto _ : state) {
        bool done = false;
        world.subject->start(bench_world::request(input), [&](call_outcome) { done = true; });
        while (!done)
            world.loop.run_ready();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.size()));
}
BENCHMARK(call_echo)->Arg(2)->Arg(1'000)->Arg(10'000);

// The part of it that is checking the result.
void check_result(benchmark::State& state) {
    const std::string input = make_input(state.range(0));
    for (auto _ : state)
        benchmark::DoNotOptimize(json::parse(input));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.size()));
}
BENCHMARK(check_result)->Arg(2)->Arg(1'000)->Arg(10'000);

}  // namespace

}  // namespace sluice::plugin
