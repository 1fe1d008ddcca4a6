#include "trigger/verifier_reply.hpp"

#include <utility>

#include "trigger/file_handles.hpp"

namespace sluice::trigger {
namespace {

// Of one request, and of one transaction.
constexpr std::size_t most_events = 1'000;

base::error wrong(std::string what) {
    return base::make_error(base::error_code::internal, "a verifier's reply: " + std::move(what),
                            "docs/manifest.md says what a verifier may say");
}

// Nothing: null, or not there.
base::result<std::optional<std::string>> text_of(const json::value& of, const char* key) {
    const json::value& content = of.get(key);
    if (content.is_null()) return std::optional<std::string>();
    if (!content.is_string()) return wrong(std::string("`") + key + "` is no text");
    return std::optional<std::string>(content.as_string());
}

base::result<void> set_headers(net::http_response& into, const json::value& fields,
                               const std::string& where) {
    if (fields.is_null()) return {};
    if (!fields.is_object()) return wrong(where + ".headers is no object");
    for (const auto& [name, content] : fields.members()) {
        if (!content.is_string() || !net::is_valid_field(name, content.as_string())) {
            return wrong(where + ".headers: \"" + name + "\" is no header with a text");
        }
        into.headers.set(name, content.as_string());
    }
    return {};
}

// `highest`: of the statuses that may stand there, from 200.
base::result<net::http_response> read_response(const json::value& content, const std::string& where,
                                               std::int64_t highest) {
    if (!content.is_object()) return wrong(where + " is no object");
    std::int64_t status = 200;
    if (!content.get("status").is_null()) status = content.int_or("status", 0);
    if (status < 200 || status > highest) {
        return wrong(where + ".status is no number from 200 to " + std::to_string(highest));
    }
    const base::result<std::optional<std::string>> body = text_of(content, "body");
    if (!body) return wrong(where + ".body is no text");
    net::http_response made = net::text_response(static_cast<int>(status), body->value_or(""));
    if (made.body.empty()) made.headers = {};
    base::result<void> set = set_headers(made, content.get("headers"), where);
    if (!set) return std::move(set).error_value();
    return made;
}

base::result<verified_event> read_event(const json::value& content, std::size_t number) {
    const std::string where = "events[" + std::to_string(number) + "]";
    if (!content.is_object()) return wrong(where + " is no object");
    verified_event made;
    made.body = content.get("body");
    if (holds_file(made.body)) {
        return wrong(where + " names a file, and files of a verifier end with it");
    }
    for (auto [key, into] : {std::pair{"dedupe", &made.dedupe}, std::pair{"key", &made.key}}) {
        base::result<std::optional<std::string>> text = text_of(content, key);
        if (!text) return wrong(where + "." + key + " is no text");
        *into = std::move(*text);
    }
    return made;
}

base::result<std::vector<verified_event>> read_events(const json::value& list) {
    if (!list.is_array()) return wrong("`events` is no list");
    if (list.size() > most_events) {
        return wrong(std::to_string(list.size()) + " events; at most 1000 are taken at once");
    }
    std::vector<verified_event> made;
    for (std::size_t i = 0; i < list.size(); ++i) {
        base::result<verified_event> one = read_event(list.at(i), i);
        if (!one) return std::move(one).error_value();
        made.push_back(std::move(*one));
    }
    return made;
}

}  // namespace

base::result<verifier_reply> read_verifier_reply(const json::value& output) {
    verifier_reply made;
    if (!output.get("respond").is_null()) {
        base::result<net::http_response> response =
            read_response(output.get("respond"), "respond", 599);
        if (!response) return std::move(response).error_value();
        made.respond = std::move(*response);
    }
    if (!output.get("events").is_null()) {
        base::result<std::vector<verified_event>> events = read_events(output.get("events"));
        if (!events) return std::move(events).error_value();
        made.events = std::move(*events);
    }
    if (!output.get("acknowledge").is_null()) {
        // Any other status would make the sender send again what is here already.
        base::result<net::http_response> response =
            read_response(output.get("acknowledge"), "acknowledge", 299);
        if (!response) return std::move(response).error_value();
        made.acknowledge = std::move(*response);
    }
    if (made.respond && (made.events || made.acknowledge)) {
        return wrong("with `respond` nothing is kept, so `events` and `acknowledge` say nothing");
    }
    return made;
}

}  // namespace sluice::trigger
