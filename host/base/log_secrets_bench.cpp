// What redacting costs where nothing matches, which is nearly always.
#include <benchmark/benchmark.h>

#include "base/log_secrets.hpp"
#include "base/random.hpp"

namespace sluice::base {
namespace {

std::string random_text(random_source& random, std::size_t size) {
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\"{}:,_-";
    std::string text(size, ' ');
    for (char& c : text)
        c = letters[random.below(letters.size())];
    return text;
}

// Bytes of text, secrets.
void nothing_to_redact(benchmark::State& state) {
    seeded_random random(1);
    log_secrets secrets;
    for (std::int64_t i = 0; i < state.range(1); ++i)
        secrets.add(random_text(random, 40));
    std::string text = random_text(random, static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        text = secrets.replace(std::move(text));
        benchmark::DoNotOptimize(text.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(nothing_to_redact)->ArgsProduct({{100, 1'000, 100'000}, {0, 10, 1'000}});

}  // namespace
}  // namespace sluice::base
