#include "cli/mock_calls.hpp"

#include <utility>

#include "json/text.hpp"

namespace sluice::cli {
namespace {

base::error bad_mock(const std::string& entry, const std::string& what) {
    return base::make_error(base::error_code::invalid_input, "mock \"" + entry + "\": " + what,
                            "write {\"output\": ..} or {\"error\": {\"code\": \"unavailable\", "
                            "\"status\": 503, \"message\": \"..\"}}");
}

base::error_code code_of(const std::string& name) {
    for (std::uint32_t number = 1; number <= 10; ++number) {
        const auto code = static_cast<base::error_code>(number);
        if (base::to_string(code) == name) return code;
    }
    return base::error_code::ok;
}

base::result<plugin::call_outcome> reply_of(const std::string& entry, const json::value& text) {
    plugin::call_outcome out;
    if (const json::value* output = text.find("output")) {
        out.output = *output;
        out.output_json = json::to_text(*output);
        return out;
    }
    const json::value& error = text.get("error");
    if (!error.is_object()) return bad_mock(entry, "has neither output nor error");
    const base::error_code code = code_of(error.string_or("code", "unavailable"));
    if (code == base::error_code::ok) {
        return bad_mock(entry, "has an unknown error code \"" + error.string_or("code", "") + "\"");
    }
    base::error failure = base::make_error(code, error.string_or("message", "mocked failure"));
    failure.retry_after_ms = error.int_or("retryAfterMs", 0);
    out.output_json = std::move(failure);
    out.http_status = static_cast<int>(error.int_or("status", 0));
    return out;
}

}  // namespace

base::result<void> mock_calls::load(const json::value& mocks) {
    if (!mocks.is_object()) {
        return base::make_error(base::error_code::invalid_input,
                                "the mock file must hold an object by \"connector.action\"");
    }
    for (const auto& [entry, content] : mocks.members()) {
        script& into = scripts_[entry];
        const std::vector<json::value> list =
            content.is_array()
                ? std::vector<json::value>(content.items().begin(), content.items().end())
                : std::vector<json::value>{content};
        for (const json::value& one : list) {
            base::result<plugin::call_outcome> reply = reply_of(entry, one);
            if (!reply) return std::move(reply).error_value();
            into.replies.push_back(std::move(*reply));
        }
        if (into.replies.empty()) return bad_mock(entry, "is an empty list");
    }
    return {};
}

engine::call_port::operation mock_calls::start(engine::connector_call call,
                                               std::function<void(engine::connector_reply)> done) {
    const std::string function = call.connector + "." + call.request.action;
    const auto found = scripts_.find(function);
    if (found == scripts_.end() && real_ != nullptr) {
        return real_->start(std::move(call), std::move(done));
    }
    engine::connector_reply reply;
    if (found == scripts_.end()) {
        reply.outcome.output_json = base::make_error(
            base::error_code::unsupported, "there is no mock for \"" + function + "\"",
            "add one to the --mock file, or name real connectors with --plugins");
    } else {
        script& replies = found->second;
        reply.outcome = replies.replies[replies.next];
        if (replies.next + 1 < replies.replies.size()) ++replies.next;
    }
    loop_.post([done = std::move(done), reply = std::move(reply)] { done(reply); });
    return 0;
}

void mock_calls::cancel(operation which) {
    if (real_ != nullptr) real_->cancel(which);
}

void mock_calls::forget(store::event_id execution) {
    if (real_ != nullptr) real_->forget(execution);
}

}  // namespace sluice::cli
