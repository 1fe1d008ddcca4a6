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

void finish(const std::optional<failure>& refused, const sluice_error* cancelled, sluice_done done,
            void* user) {
    if (cancelled != nullptr || !refused) return done(user, cancelled);
    const sluice_error error = refused->as_error();
    done(user, &error);
}

void SLUICE_CALL get(sluice_call* handle, sluice_str key, sluice_state_done done, void* user) {
    mock_call& call = mock_call::from(handle);
    mock_core& core = call.core;
    core.start_operation(call, 0,
                         [&core, done, user,
                          name = std::string(detail::to_view(key))](const sluice_error* cancelled) {
                             if (cancelled != nullptr)
                                 return done(user, cancelled, 0, {nullptr, 0}, 0);
                             auto guard = core.lock();
                             const auto found = core.state.find(name);
                             const bool known = found != core.state.end();
                             const auto [text, version] =
                                 known ? found->second : std::pair<std::string, std::uint64_t>();
                             guard.unlock();
                             done(user, nullptr, known ? 1 : 0, detail::to_str(text), version);
                         });
}

void change(mock_call& call, sluice_str key, sluice_str value,
            std::optional<std::uint64_t> expected, sluice_done done, void* user) {
    mock_core& core = call.core;
    core.start_operation(
        call, 0,
        [&core, done, user, expected, name = std::string(detail::to_view(key)),
         text = std::string(detail::to_view(value))](const sluice_error* cancelled) {
            std::optional<failure> refused = refuse(name, text);
            auto guard = core.lock();
            const auto found = core.state.find(name);
            const std::uint64_t version = found == core.state.end() ? 0 : found->second.second;
            if (!refused && expected && *expected != version) {
                refused.emplace(SLUICE_CONFLICT, "the value has changed meanwhile");
            }
            if (!refused && cancelled == nullptr) core.state[name] = {text, version + 1};
            guard.unlock();
            finish(refused, cancelled, done, user);
        });
}

void SLUICE_CALL set(sluice_call* handle, sluice_str key, sluice_str value, sluice_done done,
                     void* user) {
    change(mock_call::from(handle), key, value, std::nullopt, done, user);
}

void SLUICE_CALL compare_and_set(sluice_call* handle, sluice_str key, std::uint64_t expected,
                                 sluice_str value, sluice_done done, void* user) {
    change(mock_call::from(handle), key, value, expected, done, user);
}

void SLUICE_CALL remove(sluice_call* handle, sluice_str key, sluice_done done, void* user) {
    mock_call& call = mock_call::from(handle);
    mock_core& core = call.core;
    core.start_operation(call, 0,
                         [&core, done, user,
                          name = std::string(detail::to_view(key))](const sluice_error* cancelled) {
                             if (cancelled == nullptr) {
                                 const auto guard = core.lock();
                                 core.state.erase(name);
                             }
                             done(user, cancelled);
                         });
}

}  // namespace

const sluice_state_1 state_service{get, set, compare_and_set, remove};

}  // namespace sluice::testing
