// connection_tokens: the requests, what their answers mean, and what is kept of them.
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/recent_secrets.hpp"
#include "instance/connection_tokens.hpp"
#include "json/text.hpp"
#include "manifest/task.hpp"

namespace sluice::instance {
namespace {

using state_kind = connection_record::state_kind;

constexpr std::int64_t ns_of_ms = 1'000'000;
constexpr std::int64_t pause_ms = 5'000;  // after a failure

struct outcome {
    engine::access_token token;
    json::value found;               // fields that came with it
    std::optional<base::error> why;  // there is none
    bool refused = false;            // by the provider itself
    bool grant_is_gone = false;      // it will never take this refresh token or code again
};

outcome read_outcome(const oauth_settings& of, const engine::token_request& sent,
                     const base::result<net::client_response>& answer) {
    auto found = engine::read_token(sent, of.token_url(), answer);
    outcome out{std::move(found.content), {}, {}, false, false};
    if (!found.refused) {
        const base::result<json::value> body = json::parse(answer->body);
        out.found = of.fields_of_token(body ? *body : json::value());
        return out;
    }
    if (!answer) {
        out.why = answer.error_value();
        out.why->message = of.id().to_text() + ": " + found.refused->detail;
        if (!answer.error_value().details_json.empty()) {
            out.why->message = of.id().to_text() + ": " + answer.error_value().message;
        }
        return out;
    }
    out.refused = found.refused->type == manifest::standard_error_type("authentication");
    out.why = base::make_error(out.refused ? base::error_code::auth : base::error_code::unavailable,
                               found.refused->detail);
    const base::result<json::value> body = json::parse(answer->body);
    const std::string code = body ? body->string_or("error", "") : std::string();
    // The latter is GitHub's.
    out.grant_is_gone = out.refused && (code == "invalid_grant" || code == "bad_refresh_token");
    return out;
}

}  // namespace

void connection_tokens::begin(const entry_ptr& one, const settings_ptr& of) {
    one->fetching = true;
    enqueue(one, [this, one, of] { get_token(one, of); });
}

void connection_tokens::get_token(const entry_ptr& one, const settings_ptr& of) {
    // What ran before this job may have brought one, or dropped all.
    if (fits(*one, *of) && usable(*one) && !due(*one)) return end_fetch(one, {});
    if (std::optional<base::error> no = hopeless(*one, *of)) return end_fetch(one, std::move(*no));
    if (of->by_person()) return refresh(one, of);
    auto request = of->own_request(ports_.clock.unix_ms() / 1000, base::make_token(ports_.random));
    if (!request) return end_fetch(one, std::move(request).error_value());
    ask(one, of, std::move(*request));
}

// That it begins is on disk before: when the answer is lost, the refresh token may be used up.
void connection_tokens::refresh(const entry_ptr& one, const settings_ptr& of) {
    one->lost_ms = one->kept.asked_ms;
    const auto go_on = [this, one, of] {
        ask(one, of, of->refresh_request(one->kept.refresh.reveal()));
    };
    if (one->lost_ms != 0) return go_on();
    connection_record next = one->kept.copy();
    next.asked_ms = ports_.clock.unix_ms();
    put(one, of->id(), std::move(next), [this, one, go_on](const base::result<void>& kept) {
        if (kept) return go_on();
        keep_trouble(*one, kept.error_value());
        end_fetch(one, kept);
    });
}

void connection_tokens::ask(const entry_ptr& one, const settings_ptr& of,
                            engine::token_request request) {
    net::client_request wire = engine::make_token_request(request, of->token_url());
    send(std::move(wire), [this, one, of, request = std::move(request)](const auto& answer) {
        outcome read = read_outcome(*of, request, answer);
        const auto then = [this, one](const base::result<void>& kept) { end_fetch(one, kept); };
        if (!read.why) {
            return keep_token(one, of, std::move(read.token), std::move(read.found), false, then);
        }
        if (read.refused) {
            return keep_refusal(one, of, std::move(*read.why), read.grant_is_gone, then);
        }
        base::log(base::log_level::warning, "no access token for a connection",
                  {{"connection", of->id().to_text()}, {"why", read.why->message}});
        keep_trouble(*one, *read.why);
        then(*read.why);
    });
}

void connection_tokens::exchange(const settings_ptr& of, std::string code, std::string verifier,
                                 std::string redirect_uri, end_function done) {
    const entry_ptr one = at(of->id());
    engine::token_request request =
        of->code_request(std::move(code), std::move(verifier), std::move(redirect_uri));
    enqueue(one, [this, one, of, request = std::move(request), done = std::move(done)] {
        send(engine::make_token_request(request, of->token_url()),
             [this, one, of, request, done](const auto& answer) {
                 outcome read = read_outcome(*of, request, answer);
                 const auto then = [this, one, done](const base::result<void>& kept) {
                     end_job(one);
                     done(kept);
                 };
                 // The tokens of an earlier authorization stay as they are.
                 if (read.why) return then(std::move(*read.why));
                 keep_token(one, of, std::move(read.token), std::move(read.found), true, then);
             });
    });
}

void connection_tokens::disconnect(const settings_ptr& of, dropped done) {
    const entry_ptr one = at(of->id());
    enqueue(one, [this, one, of, done = std::move(done)] {
        const connection_record& kept = one->kept;
        const bool whole = !kept.refresh.empty();
        const base::secret& token = whole ? kept.refresh : kept.access;
        if (of->revoke_url().empty() || token.empty() || !fits(*one, *of)) {
            return drop_tokens(one, of->id(), std::nullopt, done);
        }
        send(of->revocation(token.reveal(), whole ? "refresh_token" : "access_token"),
             [this, one, of, done](const base::result<net::client_response>& answer) {
                 const bool revoked = answer && answer->status >= 200 && answer->status < 300;
                 if (!revoked) {
                     base::log(base::log_level::warning,
                               "the provider did not revoke the tokens of a connection",
                               {{"connection", of->id().to_text()},
                                {"why", answer ? "status " + std::to_string(answer->status)
                                               : answer.error_value().to_text()}});
                 }
                 drop_tokens(one, of->id(), revoked, done);
             });
    });
}

void connection_tokens::drop_tokens(const entry_ptr& one, const connection_id& id,
                                    std::optional<bool> revoked, const dropped& told) {
    ports_.kept.remove(id, [this, alive = std::weak_ptr<bool>(alive_), one, revoked,
                            told](const base::result<void>& gone) {
        if (alive.expired()) return;
        if (gone) {
            one->kept = {};
            one->stale = false;
            one->after_refusal.clear();
            one->trouble.reset();
            one->pause_until_ns = 0;
        }
        end_job(one);
        if (!gone) return told(gone.error_value());
        told(revoked);
    });
}

void connection_tokens::keep_token(const entry_ptr& one, const settings_ptr& of,
                                   engine::access_token made, json::value found, bool by_code,
                                   const end_function& then) {
    base::add_recent_log_secret(made.text);
    base::add_recent_log_secret(made.next_refresh);
    const std::int64_t now = ports_.clock.unix_ms();
    connection_record next;
    next.state = state_kind::active;
    next.fingerprint = of->fingerprint();
    next.access = base::secret(std::move(made.text));
    // A refresh may be answered with less than what came with the first token.
    if (fits(*one, *of)) next.found = one->kept.found;
    for (const auto& [field, content] : found.members())
        next.found.set(field, content);
    if (of->by_person()) {
        const bool stays = made.next_refresh.empty() && !by_code;
        next.refresh = stays ? base::secret::copy_of(one->kept.refresh.reveal())
                             : base::secret(std::move(made.next_refresh));
        next.authorized_ms = by_code ? now : one->kept.authorized_ms;
    }
    next.issued_ms = now;
    next.expires_ms = made.lifetime_ms ? now + *made.lifetime_ms : 0;
    put(one, of->id(), std::move(next), [this, one, of, then](const base::result<void>& kept) {
        if (kept) {
            if (one->for_refusal) one->after_refusal = std::string(one->kept.access.reveal());
            one->stale = false;
            one->trouble.reset();
            one->pause_until_ns = 0;
            return then(kept);
        }
        base::error why = base::make_error(
            base::error_code::unavailable,
            of->id().to_text() +
                ": its new tokens could not be kept: " + kept.error_value().message);
        keep_trouble(*one, why);
        then(std::move(why));
    });
}

void connection_tokens::keep_refusal(const entry_ptr& one, const settings_ptr& of, base::error why,
                                     bool grant_is_gone, const end_function& then) {
    if (grant_is_gone && one->lost_ms != 0) {
        why.message =
            "the answer to the refresh of " + base::to_rfc3339(one->lost_ms) +
            " was lost, and the provider does not take the old refresh token again: " + why.message;
    }
    // Tokens of other settings are none of these.
    connection_record next;
    if (fits(*one, *of)) next = one->kept.copy();
    next.state = state_kind::error;
    next.fingerprint = of->fingerprint();
    next.reason = why.message;
    next.failed_ms = ports_.clock.unix_ms();
    // This answer was not lost. After a refusal for another reason the refresh token is still good.
    next.asked_ms = grant_is_gone ? 0 : one->lost_ms;
    if (grant_is_gone) next.refresh = {};
    base::log(base::log_level::error, "the provider refuses a connection",
              {{"connection", of->id().to_text()}, {"why", why.message}});
    put(one, of->id(), std::move(next),
        [this, one, of, then, why = std::move(why)](const base::result<void>&) {
            base::error told = why;
            told.message = of->id().to_text() + " does not work: " + told.message;
            keep_trouble(*one, told);
            if (std::optional<base::error> no = hopeless(*one, *of)) told = std::move(*no);
            then(std::move(told));
        });
}

void connection_tokens::keep_trouble(entry& one, const base::error& why) {
    one.trouble = why;
    one.trouble_ms = ports_.clock.unix_ms();
    one.pause_until_ns = ports_.clock.steady_ns() + pause_ms * ns_of_ms;
}

void connection_tokens::end_fetch(const entry_ptr& one, const base::result<void>& outcome) {
    one->fetching = false;
    one->for_refusal = false;
    // Those who are told may ask again at once.
    const std::vector<waiter> waiting = std::move(one->waiting);
    one->waiting.clear();
    const base::secret token = base::secret::copy_of(one->kept.access.reveal());
    end_job(one);
    for (const waiter& each : waiting) {
        if (outcome) {
            each.finished(std::string(token.reveal()));
        } else {
            each.finished(outcome.error_value());
        }
    }
}

void connection_tokens::send(net::client_request request, answered then) {
    ports_.http.send(std::move(request),
                     [alive = std::weak_ptr<bool>(alive_),
                      then = std::move(then)](const base::result<net::client_response>& answer) {
                         if (!alive.expired()) then(answer);
                     });
}

void connection_tokens::put(const entry_ptr& one, const connection_id& id, connection_record next,
                            end_function then) {
    const auto not_kept = [id] {
        return base::make_error(base::error_code::unavailable,
                                id.to_text() + " has been dropped meanwhile");
    };
    if (one->gone) {
        ports_.loop.post([alive = std::weak_ptr<bool>(alive_), not_kept, then = std::move(then)] {
            if (!alive.expired()) then(not_kept());
        });
        return;
    }
    auto record = std::make_shared<const connection_record>(std::move(next));
    ports_.kept.put(id, record,
                    [this, alive = std::weak_ptr<bool>(alive_), one, id, record, not_kept,
                     then = std::move(then)](const base::result<void>& kept) {
                        if (alive.expired()) return;
                        if (one->gone) {
                            if (kept) clean_record(id);
                            return then(not_kept());
                        }
                        const bool news =
                            kept && (record->state != std::exchange(one->told, record->state) ||
                                     record->authorized_ms != one->kept.authorized_ms);
                        if (kept) one->kept = record->copy();
                        if (news && observer_) observer_(id, *record);
                        then(kept);
                    });
}

}  // namespace sluice::instance
