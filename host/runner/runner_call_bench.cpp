// What a call costs in a process of its own, beside the same call in the host's process.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/clock.hpp"
#include "net/io_loop.hpp"
#include "plugin/registry.hpp"

namespace sluice::plugin {
namespace {

struct bench_world {
    explicit bench_world(isolation_mode mode) {
        root = std::filesystem::temp_directory_path() /
               ("sluice-runner-bench-" + std::to_string(clock.steady_ns()));
        std::filesystem::create_directories(root / "connectors");
        std::filesystem::copy_file(SLUICE_FIXTURES "/crashing.so",
                                   root / "connectors" / "crashing.so");
        host_options options;
        options.folder = root / "connectors";
        options.cache_folder = root / "cache";
        options.isolation.for_others.mode = mode;
        options.runner = process_runner(SLUICE_RUNNER);
        connectors.emplace(host_ports{loop, clock, nullptr, nullptr, {}}, options);
        if (!connectors->rescan()) std::abort();
        subject = connectors->find("crashing");
        run(1, "{}");  // loads it
    }
    ~bench_world() {
        connectors->shutdown(5'000, [this](std::size_t) { loop.stop(); });
        loop.run();
        subject.reset();
        connectors.reset();
        std::filesystem::remove_all(root);
    }
    // So many calls at once, until all have ended.
    void run(int calls, const std::string& input) {
        int left = calls;
        loop.post([&] {
            for (int count = 0; count < calls; ++count) {
                call_request request;
                request.action = "echo";
                request.input_json = input;
                subject->start(std::move(request), [&](const call_outcome& got) {
                    if (!got.output_json) std::abort();
                    if (--left == 0) loop.stop();
                });
            }
        });
        loop.run();
    }

    base::system_clock clock;
    net::io_loop loop;
    std::filesystem::path root;
    std::optional<registry> connectors;
    std::shared_ptr<connector> subject;
};

// Arguments: bytes of input and output, calls at once.
void calls(benchmark::State& state, isolation_mode mode) {
    bench_world world(mode);
    const std::string input =
        R"({"text":")" + std::string(static_cast<std::size_t>(state.range(0)), 'x') + "\"}";
    const int at_once = static_cast<int>(state.range(1));
    for (auto _ : state)
        world.run(at_once, input);
    state.SetItemsProcessed(state.iterations() * at_once);
}

void arguments(benchmark::internal::Benchmark* bench) {
    bench->Args({100, 1})->Args({100, 64})->Args({10'000, 1})->Args({10'000, 64})->UseRealTime();
}

BENCHMARK_CAPTURE(calls, in_the_host, isolation_mode::none)->Apply(arguments);
BENCHMARK_CAPTURE(calls, in_a_process, isolation_mode::process)->Apply(arguments);

}  // namespace
}  // namespace sluice::plugin
