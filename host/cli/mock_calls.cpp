#include "cli/mock_calls.hpp"

#include <utility>

#include "cli/json_difference.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

// Numbers of operations that are not real ones, so that they can be told apart.
constexpr std::uint64_t mocked = ~std::uint64_t{0};

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

std::string known_codes() {
    std::string out;
    for (std::uint32_t number = 1; number <= 10; ++number) {
        if (!out.empty()) out += ", ";
        out += base::to_string(static_cast<base::error_code>(number));
    }
    return out;
}

net::client_response response_of(const json::value& from) {
    net::client_response out;
    out.status = static_cast<int>(from.int_or("status", 200));
    const json::value& body = from.get("body");
    const json::value& fields = from.get("headers");
    if (fields.is_object()) {
        for (const auto& [name, content] : fields.members()) {
            out.headers.set(name,
                            content.is_string() ? content.as_string() : json::to_text(content));
        }
    }
    if (body.is_string()) {
        out.body = body.as_string();
    } else if (!body.is_null()) {
        out.body = json::to_text(body);
        if (!out.headers.has("Content-Type")) out.headers.set("Content-Type", "application/json");
    }
    return out;
}

}  // namespace

base::result<mock_calls::reply> mock_calls::read_reply(const std::string& entry,
                                                       const json::value& from) {
    reply out;
    if (const json::value* when = from.find("when")) {
        out.when = *when;
        out.has_when = true;
    }
    if (entry == "http" && from.find("error") == nullptr) {
        if (from.find("status") == nullptr && from.find("body") == nullptr) {
            return base::make_error(base::error_code::invalid_input,
                                    "mock \"http\": has neither status nor body",
                                    "write {\"status\": 200, \"body\": ..}");
        }
        out.response = response_of(from);
        return out;
    }
    if (const json::value* output = from.find("output")) {
        out.outcome.output = *output;
        out.outcome.output_json = json::to_text(*output);
        return out;
    }
    const json::value& error = from.get("error");
    if (!error.is_object()) return bad_mock(entry, "has neither output nor error");
    const base::error_code code = code_of(error.string_or("code", "unavailable"));
    if (code == base::error_code::ok) {
        return base::make_error(base::error_code::invalid_input,
                                "mock \"" + entry + "\": has an unknown error code \"" +
                                    error.string_or("code", "") + "\"",
                                "known: " + known_codes());
    }
    base::error failure = base::make_error(code, error.string_or("message", "mocked failure"));
    failure.retry_after_ms = error.int_or("retryAfterMs", 0);
    out.outcome.output_json = std::move(failure);
    out.outcome.http_status = static_cast<int>(error.int_or("status", 0));
    return out;
}

base::result<void> mock_calls::load(const json::value& mocks) {
    if (mocks.is_null()) return {};
    if (!mocks.is_object()) {
        return base::make_error(base::error_code::invalid_input,
                                "mocks are an object by \"connector.action\"");
    }
    for (const auto& [entry, content] : mocks.members()) {
        script& into = scripts_[entry];
        const std::vector<json::value> list =
            content.is_array()
                ? std::vector<json::value>(content.items().begin(), content.items().end())
                : std::vector<json::value>{content};
        for (const json::value& one : list) {
            base::result<reply> read = read_reply(entry, one);
            if (!read) return std::move(read).error_value();
            into.replies.push_back(std::move(*read));
        }
        if (into.replies.empty()) return bad_mock(entry, "is an empty list");
    }
    return {};
}

const mock_calls::reply* mock_calls::choose(const std::string& function, const json::value& input) {
    const auto found = scripts_.find(function);
    if (found == scripts_.end()) return nullptr;
    script& known = found->second;
    for (const reply& one : known.replies) {
        if (!one.has_when || !differences(one.when, input).empty()) continue;
        known.used = true;
        return &one;
    }
    std::vector<const reply*> in_turn;
    for (const reply& one : known.replies) {
        if (!one.has_when) in_turn.push_back(&one);
    }
    if (in_turn.empty()) return nullptr;
    known.used = true;
    const reply* const next = in_turn[std::min(known.next, in_turn.size() - 1)];
    ++known.next;
    return next;
}

base::error mock_calls::missing(const std::string& function, bool has_others) {
    base::error why = base::make_error(
        base::error_code::unsupported,
        has_others ? "no mock of \"" + function + "\" fits this call"
                   : "there is no mock for \"" + function + "\"",
        has_others ? "add a reply without `when`"
                   : "add one, or (sluice run) name real connectors with --plugins");
    if (missing_) missing_(why);
    return why;
}

engine::call_port::operation mock_calls::start(engine::connector_call call,
                                               std::function<void(engine::connector_reply)> done) {
    const std::string function = call.connector + "." + call.request.action;
    base::result<json::value> input = json::parse(call.request.input_json);
    made_.push_back({function, input ? std::move(*input) : json::value()});
    const reply* const mock = choose(function, made_.back().input);
    if (mock == nullptr && real_ != nullptr && !scripts_.contains(function)) {
        return real_->start(std::move(call), std::move(done));
    }
    engine::connector_reply answer;
    if (mock == nullptr) {
        answer.outcome.output_json = missing(function, scripts_.contains(function));
    } else {
        answer.outcome = mock->outcome;
    }
    loop_.post([done = std::move(done), answer = std::move(answer)] { done(answer); });
    return mocked;
}

std::uint64_t mock_calls::send(net::client_request request, plugin::http_port::done finished) {
    json::value fields = json::value::object();
    for (const net::header_field field : request.headers)
        fields.set(std::string(field.name), field.value);
    const base::result<json::value> body = json::parse(request.body);
    made_.push_back(
        {"http", json::value::object({{"method", request.method},
                                      {"url", request.url},
                                      {"headers", std::move(fields)},
                                      {"body", body ? *body : json::value(request.body)}})});
    const reply* const mock = choose("http", made_.back().input);
    if (mock == nullptr && real_http_ != nullptr && !scripts_.contains("http")) {
        return real_http_->send(std::move(request), std::move(finished));
    }
    base::result<net::client_response> answer = net::client_response{};
    if (mock == nullptr) {
        answer = missing("http", scripts_.contains("http"));
    } else if (!mock->outcome.output_json) {
        answer = mock->outcome.output_json.error_value();
    } else {
        answer = mock->response;
        answer->url = request.url;
    }
    loop_.post([finished = std::move(finished), answer = std::move(answer)] { finished(answer); });
    return mocked;
}

void mock_calls::cancel(operation which) {
    if (which != mocked && real_ != nullptr) real_->cancel(which);
}

void mock_calls::forget(store::event_id execution) {
    if (real_ != nullptr) real_->forget(execution);
}

std::vector<std::string> mock_calls::unused() const {
    std::vector<std::string> out;
    for (const auto& [entry, known] : scripts_) {
        if (!known.used) out.push_back(entry);
    }
    return out;
}

}  // namespace sluice::cli
