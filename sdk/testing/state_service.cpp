#include "mock_core.hpp"
#include "services.hpp"
#include "sluice/failure.hpp"

namespace sluice::testing {
namespace {

constexpr std::size_t longest_key = 256;
constexpr std::size_t longest_value = std::size_t{256} * 1024;

std::optional<failure> refuse(const std::string& key, const std::string& value) {
    if (key.empty() || key.size() > longest_key) {
        return failure(SLUICE_INVALID_INPUT, "a key of the state has 1 to 256 bytes");
    }
    if (value.size() > longest_value) {
        return failure(SLUICE_INVALID_INPUT, "a value of the state has at most 256 KiB");
    }
    try {
        if (!value.empty()) json::parse(value);
    } catch (const json_error& error) {
        return failure(SLUICE_INVALID_INPUT,
                       std::string("a value of the state is ") + error.what());
    }
    return std::nullopt;
}

// Values of one instance are not another's.
std::pair<std::string, std::string> place_of(const mock_call& call, sluice_str key) {
    return {call.instance, std::string(detail::to_view(key))};
}

void SLUICE_CALL get(sluice_call* handle, sluice_str key, sluice_state_done done, void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return;
    mock_core& core = call->core;
    core.start_operation(*call, {.unstoppable = true},
                         [&core, done, user, place = place_of(*call, key)](const auto* cancelled) {
                             if (cancelled != nullptr) {
                                 return done(user, cancelled, 0, {nullptr, 0}, 0);
                             }
                             auto guard = core.lock();
                             const auto found = core.state.find(place);
                             const bool known = found != core.state.end();
                             const auto [text, version] =
                                 known ? found->second : std::pair<std::string, std::uint64_t>();
                             guard.unlock();
                             done(user, nullptr, known ? 1 : 0, detail::to_str(text), version);
                         });
}

void change(sluice_call* handle, sluice_str key, sluice_str value,
            std::optional<std::uint64_t> expected, sluice_done done, void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return;
    mock_core& core = call->core;
    core.start_operation(
        *call, {.unstoppable = true},
        [&core, done, user, expected, place = place_of(*call, key),
         text = std::string(detail::to_view(value))](const sluice_error* cancelled) {
            if (cancelled != nullptr) return done(user, cancelled);
            std::optional<failure> refused = refuse(place.second, text);
            auto guard = core.lock();
            const auto found = core.state.find(place);
            const std::uint64_t version = found == core.state.end() ? 0 : found->second.second;
            if (!refused && expected && *expected != version) {
                refused.emplace(SLUICE_CONFLICT, "the value has changed meanwhile");
            }
            if (!refused) core.state[place] = {text, version + 1};
            guard.unlock();
            if (!refused) return done(user, nullptr);
            done(user, shaped_struct(refused->as_error(), core.options()).get());
        });
}

void SLUICE_CALL set(sluice_call* handle, sluice_str key, sluice_str value, sluice_done done,
                     void* user) {
    change(handle, key, value, std::nullopt, done, user);
}

void SLUICE_CALL compare_and_set(sluice_call* handle, sluice_str key, std::uint64_t expected,
                                 sluice_str value, sluice_done done, void* user) {
    change(handle, key, value, expected, done, user);
}

void SLUICE_CALL remove(sluice_call* handle, sluice_str key, sluice_done done, void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return;
    mock_core& core = call->core;
    core.start_operation(*call, {.unstoppable = true},
                         [&core, done, user, place = place_of(*call, key)](const auto* cancelled) {
                             if (cancelled == nullptr) {
                                 const auto guard = core.lock();
                                 core.state.erase(place);
                             }
                             done(user, cancelled);
                         });
}

}  // namespace

const sluice_state_1 state_service{get, set, compare_and_set, remove};

}  // namespace sluice::testing
