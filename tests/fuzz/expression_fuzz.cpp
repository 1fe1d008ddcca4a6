// A program, a zero byte, an input document: compiled and evaluated within a small budget. Each
// result must survive the way through text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "expression/expression.hpp"
#include "json/text.hpp"

// NOLINTNEXTLINE: libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = all.find('\0');
    const std::string_view program = all.substr(0, zero);
    const auto code = expression::compile(program);
    if (!code) return 0;
    json::value input;
    if (zero != std::string_view::npos) {
        if (auto read = json::parse(all.substr(zero + 1))) input = std::move(*read);
    }
    base::manual_clock clock;
    expression::budget limits;
    limits.steps = 20'000;
    limits.bytes = 4 << 20;
    limits.clock = &clock;
    const auto results = expression::evaluate(**code, input, {}, limits);
    if (!results) {
        if (!base::is_valid_utf8(results.error_value().message)) std::abort();
        return 0;
    }
    for (const json::value& result : *results) {
        const auto again = json::parse(json::to_text(result));
        if (!again || !(*again == result)) std::abort();
    }
    return 0;
}
