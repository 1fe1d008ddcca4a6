// Everything a connector needs.
//
//   #include <sluice/connector.hpp>
//
//   class echo {
//     public:
//       explicit echo(sluice::host&) {}
//       sluice::task<sluice::json> say(sluice::context&, const sluice::json& input) {
//           co_return input;
//       }
//   };
//   SLUICE_CONNECTOR(echo, "echo", sluice::action("say", &echo::say))
//
// An action is a member function `task<json> f(context&, const json&)`, or a plain
// `json f(context&, const json&)`, which may block and runs on the connector's pool. Several calls
// run at the same time: coroutines all on their own strand, blocking actions on their own thread.
// An action fails by throwing a sluice::failure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sluice/abi.h"
#include "sluice/context.hpp"
#include "sluice/detail/instance.hpp"
#include "sluice/failure.hpp"
#include "sluice/host.hpp"
#include "sluice/http.hpp"
#include "sluice/http_status.hpp"
#include "sluice/input.hpp"
#include "sluice/json.hpp"
#include "sluice/task.hpp"
#include "sluice/url.hpp"

namespace sluice {
inline namespace sdk {

template <class Function>
struct action {
    const char* id;
    Function function;

    constexpr action(const char* name, Function member) : id(name), function(member) {}
};

namespace detail {

template <class... Functions>
struct action_list {
    const char* connector;
    std::tuple<action<Functions>...> actions;
};

template <class Connector, class... Functions>
constexpr action_list<Functions...> list_actions(const char* id, action<Functions>... actions) {
    static_assert((std::is_member_function_pointer_v<Functions> && ...),
                  "an action is a member function of the connector");
    return {id, {actions...}};
}

// The functions of the ABI for one connector class. `List` is what SLUICE_CONNECTOR declares.
template <class Connector, const auto& List>
class table {
    using owner = instance<Connector>;
    static constexpr std::size_t count = std::tuple_size_v<decltype(List.actions)>;

    template <std::size_t Index>
    static constexpr auto function = std::get<Index>(List.actions).function;

    template <std::size_t Index>
    static constexpr bool is_coroutine =
        std::is_same_v<std::invoke_result_t<decltype(std::get<Index>(List.actions).function),
                                            Connector&, context&, const json&>,
                       task<json>>;

    static void report_current_exception(const sluice_host& host, sluice_call* call) noexcept {
        outcome result(host, call);
        result.fail_with_current_exception();
        result.send();
    }

    template <std::size_t Index>
    static void SLUICE_CALL start(void* self, sluice_call* call,
                                  const sluice_request* request) noexcept {
        auto& connector = *static_cast<owner*>(self);
        if constexpr (is_coroutine<Index>) {
            try {
                connector.start_coroutine(function<Index>, call, request);
            } catch (...) {  // nothing has started
                report_current_exception(connector.host_table(), call);
            }
        } else {
            connector.run_blocking(function<Index>, call, request);
        }
    }

    static sluice_code SLUICE_CALL open(const sluice_host* host, void** self,
                                        sluice_error* why) noexcept {
        // `why` lends this text until the next call into the connector.
        static std::array<char, 512> text;
        try {
            *self = new owner(host);
            return SLUICE_OK;
        } catch (...) {
            const failure reason = current_failure();
            const std::string_view message = utf8_prefix(reason.message(), text.size());
            message.copy(text.data(), text.size());
            if (why != nullptr) {
                // Member by member: the host's struct may be shorter than this build's.
                why->code = reason.code();
                why->message = {text.data(), message.size()};
            }
            return reason.code() == SLUICE_OK ? SLUICE_INTERNAL : reason.code();
        }
    }
    static void SLUICE_CALL close(void* self) noexcept { delete static_cast<owner*>(self); }
    static void SLUICE_CALL cancel(void* self, sluice_call* call, void* slot) noexcept {
        static_cast<owner*>(self)->cancel(call, slot);
    }

    template <std::size_t... Index>
    static constexpr std::array<sluice_action, count> make_actions(std::index_sequence<Index...>) {
        return {sluice_action{std::get<Index>(List.actions).id,
                              is_coroutine<Index> ? 0u : SLUICE_ACTION_BLOCKING, 0u,
                              &start<Index>}...};
    }

  public:
    static const sluice_connector* get() noexcept {
        static constexpr std::array<sluice_action, count> actions =
            make_actions(std::make_index_sequence<count>());
        static constexpr sluice_connector connector{sizeof(sluice_connector),
                                                    SLUICE_ABI_MINOR,
                                                    count,
                                                    sizeof(sluice_action),
                                                    actions.data(),
                                                    List.connector,
                                                    &open,
                                                    &close,
                                                    &cancel};
        return &connector;
    }
};

}  // namespace detail
}  // namespace sdk
}  // namespace sluice

// The connector's exported function. Once per library, at namespace scope. `id` is the one of the
// descriptor, and so are the names of the actions.
#define SLUICE_CONNECTOR(type, id, ...)                                           \
    namespace {                                                                   \
    constexpr auto sluice_action_list =                                           \
        ::sluice::sdk::detail::list_actions<type>(id, __VA_ARGS__);               \
    }                                                                             \
    SLUICE_EXPORT const sluice_connector* SLUICE_CALL sluice_connector_v1(void) { \
        return ::sluice::sdk::detail::table<type, sluice_action_list>::get();     \
    }
