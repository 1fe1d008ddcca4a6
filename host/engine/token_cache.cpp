#include "engine/token_cache.hpp"

#include <algorithm>
#include <utility>

#include "base/ids.hpp"
#include "manifest/task.hpp"

namespace sluice::engine {
namespace {

constexpr std::size_t most_entries = 1'000;
constexpr std::int64_t life_unsaid_ms = 300'000;  // when the server does not say
// So long before its end a token is not given any more, as it has to travel; less of a short life.
constexpr std::int64_t margin_ms = 30'000;
constexpr std::int64_t ns_of_ms = 1'000'000;

}  // namespace

token_cache::~token_cache() {
    for (auto& [key, one] : entries_) {
        for (const waiter& each : one.waiting)
            loop_.cancel(each.timer);
        if (one.cancel_request) one.cancel_request();
    }
}

std::optional<std::string> token_cache::known(const token_request& of) {
    const auto found = entries_.find(of.key);
    if (found == entries_.end() || found->second.token.empty()) return std::nullopt;
    if (found->second.ends_ns > clock_.steady_ns()) return found->second.token;
    found->second.token.clear();
    return std::nullopt;
}

token_cache::operation token_cache::fetch(const token_request& of, plugin::http_port& http,
                                          std::int64_t timeout_ms, done_function done) {
    if (!entries_.contains(of.key)) make_room();
    entry& one = entries_[of.key];
    waiter who;
    who.id = ++last_;
    who.done = std::move(done);
    who.timer = loop_.run_after(timeout_ms, [this, id = who.id, timeout_ms] {
        give_up(id,
                base::make_error(base::error_code::timeout,
                                 "no access token within " + std::to_string(timeout_ms) + " ms"));
    });
    const operation id = who.id;
    one.waiting.push_back(std::move(who));
    if (!one.cancel_request) begin(of, http);
    return id;
}

void token_cache::begin(const token_request& of, plugin::http_port& http) {
    token_request request = of;
    if (const std::string& newer = entries_[of.key].refresh; !newer.empty()) {
        request.subject.text = newer;
    }
    if (!request.discovers) return ask(request, request.address, http);
    send(request.key, make_discovery(request), http,
         [this, request, &http](const base::result<net::client_response>& answer) {
             or_fault<std::string> found = read_discovery(request, answer);
             if (found.refused) return end(request.key, {{}, std::move(found.refused)});
             ask(request, found.content, http);
         });
}

void token_cache::ask(const token_request& of, const std::string& endpoint,
                      plugin::http_port& http) {
    token_request sent =
        with_own_assertion(of, endpoint, clock_.unix_ms() / 1000, base::make_token(random_));
    net::client_request request = make_token_request(sent, endpoint);
    send(
        of.key, std::move(request), http,
        [this, sent = std::move(sent), endpoint](const base::result<net::client_response>& answer) {
            end(sent.key, read_token(sent, endpoint, answer));
        });
}

void token_cache::send(const std::string& key, net::client_request request, plugin::http_port& http,
                       plugin::http_port::done answered) {
    const auto id = http.send(std::move(request),
                              [alive = std::weak_ptr<bool>(alive_), answered = std::move(answered)](
                                  base::result<net::client_response> answer) {
                                  if (!alive.expired()) answered(std::move(answer));
                              });
    entries_[key].cancel_request = [&http, id] { http.cancel(id); };
}

void token_cache::end(const std::string& key, or_fault<access_token> found) {
    entry& one = entries_[key];
    one.cancel_request = {};
    if (found.refused) {
        // Not after a fault on the way: a server that gives a new one each time knows no older one.
        const bool by_server =
            found.refused->type == manifest::standard_error_type("authentication");
        if (by_server) one.refresh.clear();
    } else {
        const access_token& made = found.content;
        const std::int64_t life = made.lifetime_ms.value_or(life_unsaid_ms);
        one.token = life > 0 ? made.text : std::string();
        one.ends_ns = clock_.steady_ns() + (life - std::min(margin_ms, life / 10)) * ns_of_ms;
        if (!made.next_refresh.empty()) one.refresh = made.next_refresh;
    }
    // Those who are told may ask again at once.
    std::vector<waiter> waiting = std::move(one.waiting);
    one.waiting.clear();
    for (waiter& each : waiting) {
        loop_.cancel(each.timer);
        each.done({found.content.text, found.refused});
    }
}

void token_cache::cancel(operation which) {
    loop_.post([this, alive = std::weak_ptr<bool>(alive_), which] {
        if (alive.expired()) return;
        give_up(which, base::make_error(base::error_code::cancelled, "cancelled"));
    });
}

void token_cache::give_up(operation which, const base::error& why) {
    for (auto& [key, one] : entries_) {
        for (auto each = one.waiting.begin(); each != one.waiting.end(); ++each) {
            if (each->id != which) continue;
            const waiter who = std::move(*each);
            one.waiting.erase(each);
            loop_.cancel(who.timer);
            return who.done({{}, fault_of_call(why, 0, {})});
        }
    }
}

void token_cache::drop(const token_request& of, const std::string& token) {
    const auto found = entries_.find(of.key);
    if (found != entries_.end() && found->second.token == token) found->second.token.clear();
}

// Credentials that flows compute may be many: first go those without a token, then as many others
// as it takes; those that came with a refresh token, which nobody else has, at the very last.
void token_cache::make_room() {
    if (entries_.size() < most_entries) return;
    const std::int64_t now = clock_.steady_ns();
    const auto drop = [this](bool all, const std::function<bool(const entry&)>& may_go) {
        for (auto each = entries_.begin(); each != entries_.end();) {
            if (!all && entries_.size() < most_entries) return;
            const bool idle = !each->second.cancel_request;
            each = idle && may_go(each->second) ? entries_.erase(each) : std::next(each);
        }
    };
    drop(true, [now](const entry& one) {
        return one.refresh.empty() && (one.token.empty() || one.ends_ns <= now);
    });
    drop(false, [](const entry& one) { return one.refresh.empty(); });
    drop(false, [](const entry&) { return true; });
}

}  // namespace sluice::engine
