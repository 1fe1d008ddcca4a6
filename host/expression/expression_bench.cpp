// Three programs on documents of about 1 KB and 100 KB, beside libjq in the same run. The documents
// are values already on both sides and results are dropped: what is measured is evaluation.
#include <benchmark/benchmark.h>

#include "expression/expression.hpp"
#include "json/text.hpp"

#ifdef SLUICE_HAVE_LIBJQ
extern "C" {
#include <jq.h>
#include <jv.h>
}
#endif

namespace sluice::expression {
namespace {

constexpr const char* programs[] = {".a.b", ".items | map(select(.qty > 5) | {id, qty})",
                                    "[.items[] | .x] | add"};

std::string document(std::int64_t bytes) {
    json::value items = json::value::array();
    for (std::int64_t i = 0; i < std::max<std::int64_t>(1, bytes / 85); ++i) {
        items.push(json::value::object({{"id", i},
                                        {"qty", i % 11},
                                        {"x", static_cast<double>(i) + 0.5},
                                        {"name", "item number " + std::to_string(i)},
                                        {"tags", json::value::array({"a", "b"})}}));
    }
    return json::to_text(
        json::value::object({{"a", json::value::object({{"b", 1}})}, {"items", items}}));
}

void sluice_run(benchmark::State& state) {
    const auto code = compile(programs[state.range(0)]);
    const json::value input = *json::parse(document(state.range(1)));
    for (auto _ : state) {
        auto results = evaluate(**code, input);
        benchmark::DoNotOptimize(results);
    }
    state.SetLabel(programs[state.range(0)]);
}

void sluice_compile(benchmark::State& state) {
    for (auto _ : state) {
        auto code = compile(programs[state.range(0)]);
        benchmark::DoNotOptimize(code);
    }
    state.SetLabel(programs[state.range(0)]);
}

#ifdef SLUICE_HAVE_LIBJQ
void libjq_run(benchmark::State& state) {
    jq_state* const engine = jq_init();
    if (engine == nullptr || jq_compile(engine, programs[state.range(0)]) == 0) {
        state.SkipWithError("libjq does not compile the program");
        return;
    }
    const jv input = jv_parse(document(state.range(1)).c_str());
    for (auto _ : state) {
        jq_start(engine, jv_copy(input), 0);
        jv result = jq_next(engine);
        while (jv_is_valid(result)) {
            jv_free(result);
            result = jq_next(engine);
        }
        jv_free(result);
    }
    jv_free(input);
    jq_state* owned = engine;
    jq_teardown(&owned);
    state.SetLabel(programs[state.range(0)]);
}

void libjq_compile(benchmark::State& state) {
    for (auto _ : state) {
        jq_state* engine = jq_init();
        benchmark::DoNotOptimize(jq_compile(engine, programs[state.range(0)]));
        jq_teardown(&engine);
    }
    state.SetLabel(programs[state.range(0)]);
}
#endif

void sizes(benchmark::internal::Benchmark* of) {
    for (const std::int64_t program : {0, 1, 2}) {
        for (const std::int64_t bytes : {1'000, 100'000})
            of->Args({program, bytes});
    }
}

BENCHMARK(sluice_run)->Apply(sizes);
#ifdef SLUICE_HAVE_LIBJQ
BENCHMARK(libjq_run)->Apply(sizes);
#endif
BENCHMARK(sluice_compile)->DenseRange(0, 2);
#ifdef SLUICE_HAVE_LIBJQ
BENCHMARK(libjq_compile)->DenseRange(0, 2);
#endif

}  // namespace
}  // namespace sluice::expression
