#include <benchmark/benchmark.h>

#include "json/text.hpp"

namespace sluice::json {
namespace {

// About one kilobyte, like the body of a webhook.
value webhook() {
    value labels = value::array();
    for (const char* name : {"bug", "help wanted", "good first issue"}) {
        labels.push(value::object({{"id", 208045946}, {"name", name}, {"color", "f29513"}}));
    }
    const value user = value::object({{"login", "octocat"},
                                      {"id", 583231},
                                      {"url", "https://api.github.com/users/octocat"},
                                      {"site_admin", false}});
    const value issue = value::object({{"number", 1347},
                                       {"title", "Found a \"bug\" in the parser"},
                                       {"user", user},
                                       {"labels", labels},
                                       {"body", std::string(300, 'x') + "\nsecond line"},
                                       {"score", 0.73},
                                       {"closed_at", nullptr}});
    return value::object({{"action", "opened"}, {"issue", issue}, {"sender", user}});
}

std::string large_object(std::int64_t members) {
    value object = value::object();
    for (std::int64_t i = 0; i < members; ++i)
        object.set("member-" + std::to_string(i), i);
    return to_text(object);
}

void parse_text(benchmark::State& state, const std::string& text) {
    for (auto _ : state) {
        auto read = parse(text, {.bytes = 1u << 30});
        benchmark::DoNotOptimize(read);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void parse_webhook(benchmark::State& state) { parse_text(state, to_text(webhook())); }
BENCHMARK(parse_webhook);

void parse_numbers(benchmark::State& state) {
    value numbers = value::array();
    for (int i = 0; i < 1'000; ++i) {
        numbers.push(i * 1'000'003);
        numbers.push(i * 0.37);
    }
    parse_text(state, to_text(numbers));
}
BENCHMARK(parse_numbers);

void parse_large_object(benchmark::State& state) {
    parse_text(state, large_object(state.range(0)));
}
BENCHMARK(parse_large_object)->Arg(10)->Arg(100)->Arg(1'000)->Arg(10'000)->Arg(100'000);

void write_webhook(benchmark::State& state) {
    const value content = webhook();
    std::string text;
    for (auto _ : state) {
        text.clear();
        append_text(text, content);
        benchmark::DoNotOptimize(text.data());
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(write_webhook);

void copy_value(benchmark::State& state) {
    const value content = webhook();
    for (auto _ : state) {
        value copy = content;
        benchmark::DoNotOptimize(copy);
    }
}
BENCHMARK(copy_value);

void find_member(benchmark::State& state) {
    const value object = parse(large_object(state.range(0))).value();
    const std::string last = "member-" + std::to_string(state.range(0) - 1);
    for (auto _ : state)
        benchmark::DoNotOptimize(object.find(last));
}
BENCHMARK(find_member)->Arg(4)->Arg(16)->Arg(17)->Arg(1'000)->Arg(100'000);

void compare_equal(benchmark::State& state) {
    const value a = webhook();
    const value b = webhook();
    for (auto _ : state)
        benchmark::DoNotOptimize(a == b);
}
BENCHMARK(compare_equal);

}  // namespace
}  // namespace sluice::json
