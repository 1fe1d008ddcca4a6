#include "instance/connection_tokens.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/recent_secrets.hpp"
#include "instance/owner_id.hpp"

namespace sluice::instance {
namespace {

using state_kind = connection_record::state_kind;

constexpr std::int64_t ns_of_ms = 1'000'000;
// So long before its end a token is not given any more, as it has to travel ...
constexpr std::int64_t margin_ms = 30'000;
constexpr std::int64_t margin_part = 10;  // ... less of a short life.
// So long before its end a new one is fetched.
constexpr std::int64_t lead_ms = 300'000;
constexpr std::int64_t lead_part = 5;
constexpr std::int64_t sweep_ms = 30'000;
constexpr int most_in_a_sweep = 20;  // after a long rest all are due
constexpr std::int64_t useless_ms = 60'000;

std::string how_to_authorize(const connection_id& id) {
    return "`sluice connection authorize " + owner_argument(id.owner) + ' ' + id.name +
           "` gives the address for it";
}

}  // namespace

connection_tokens::~connection_tokens() {
    stop();
    // Jobs hold on to the entry that they stand in.
    for (const auto& [id, one] : entries_)
        one->jobs.clear();
}

base::result<void> connection_tokens::open() {
    auto found = ports_.kept.load();
    if (!found) return std::move(found).error_value();
    for (auto& [id, record] : *found) {
        base::add_recent_log_secret(record.access.reveal());
        base::add_recent_log_secret(record.refresh.reveal());
        const entry_ptr one = at(id);
        one->kept = std::move(record);
        one->told = one->kept.state;
    }
    return {};
}

void connection_tokens::refresh_ahead(lookup find) {
    find_ = std::move(find);
    plan_sweep();
}

void connection_tokens::stop() {
    if (sweep_timer_ != 0) ports_.loop.cancel(sweep_timer_);
    sweep_timer_ = 0;
}

connection_tokens::entry_ptr connection_tokens::at(const connection_id& id) {
    entry_ptr& one = entries_[id];
    if (!one) one = std::make_shared<entry>();
    return one;
}

bool connection_tokens::fits(const entry& one, const oauth_settings& of) {
    return one.kept.fingerprint == of.fingerprint();
}

bool connection_tokens::usable(const entry& one) const {
    const connection_record& kept = one.kept;
    if (kept.access.empty() || one.stale) return false;
    if (kept.expires_ms == 0) return true;
    const std::int64_t life = kept.expires_ms - kept.issued_ms;
    return ports_.clock.unix_ms() < kept.expires_ms - std::min(margin_ms, life / margin_part);
}

bool connection_tokens::due(const entry& one) const {
    const connection_record& kept = one.kept;
    if (kept.expires_ms == 0) return false;
    const std::int64_t life = kept.expires_ms - kept.issued_ms;
    return ports_.clock.unix_ms() >= kept.expires_ms - std::min(lead_ms, life / lead_part);
}

bool connection_tokens::paused(const entry& one) const {
    return ports_.clock.steady_ns() < one.pause_until_ns;
}

std::optional<base::error> connection_tokens::hopeless(const entry& one,
                                                       const oauth_settings& of) const {
    if (!of.by_person()) return std::nullopt;
    const connection_record& kept = one.kept;
    if (fits(one, of) && !kept.refresh.empty()) return std::nullopt;
    std::string why = " is not authorized yet";
    if (kept.authorized_ms != 0 && !fits(one, of)) {
        why = " has other settings than when it was authorized; authorize it again";
    } else if (kept.state == state_kind::error) {
        why = " does not work: " + kept.reason + "; authorize it again";
    } else if (kept.authorized_ms != 0) {
        why =
            ": its access token has ended, and the provider gave no refresh token; authorize it "
            "again";
    }
    return base::make_error(base::error_code::auth, of.id().to_text() + why,
                            how_to_authorize(of.id()));
}

// An execution keeps the values that it began with. Its old settings must not take the place of the
// new ones in the record that all share.
std::optional<base::error> connection_tokens::outdated(const oauth_settings& of) const {
    if (!find_ || !is_shared_owner(of.id().owner)) return std::nullopt;
    const settings_ptr now = find_(of.id());
    if (now && now->fingerprint() == of.fingerprint()) return std::nullopt;
    return base::make_error(
        base::error_code::auth,
        of.id().to_text() +
            (now ? " has other settings" : " is not there any more, or not in order") +
            " since this execution began",
        "replay the execution: it begins with the values of now");
}

std::optional<std::string> connection_tokens::known(const settings_ptr& of) {
    const auto found = entries_.find(of->id());
    if (found == entries_.end()) return std::nullopt;
    const entry_ptr& one = found->second;
    if (!fits(*one, *of) || !usable(*one)) return std::nullopt;
    std::string token(one->kept.access.reveal());
    const bool ahead = due(*one) && !one->fetching && !paused(*one) && !hopeless(*one, *of) &&
                       one->kept.state == state_kind::active;
    if (ahead) begin(entry_ptr(one), of);
    return token;
}

json::value connection_tokens::found(const settings_ptr& of) const {
    const auto found = entries_.find(of->id());
    if (found == entries_.end() || !fits(*found->second, *of)) return {};
    return found->second->kept.found;
}

connection_tokens::operation connection_tokens::fetch(const settings_ptr& of,
                                                      token_function finished) {
    const entry_ptr one = at(of->id());
    const operation id = ++last_;
    std::optional<base::error> no = outdated(*of);
    if (!no) no = hopeless(*one, *of);
    if (!no && paused(*one)) no = one->trouble;
    if (no) {
        ports_.loop.post([finished = std::move(finished), no = std::move(*no)] { finished(no); });
        return id;
    }
    waiter who;
    who.id = id;
    who.finished = std::move(finished);
    one->waiting.push_back(std::move(who));
    if (!one->fetching) begin(one, of);
    return id;
}

void connection_tokens::cancel(operation which) {
    for (auto& [id, one] : entries_) {
        const auto found = std::ranges::find(one->waiting, which, &waiter::id);
        if (found == one->waiting.end()) continue;
        token_function finished = std::move(found->finished);
        one->waiting.erase(found);
        ports_.loop.post([finished = std::move(finished)] {
            finished(base::make_error(base::error_code::cancelled, "cancelled"));
        });
        return;
    }
}

bool connection_tokens::refused(const settings_ptr& of, const std::string& token) {
    const entry_ptr one = at(of->id());
    // Another call was quicker.
    if (!fits(*one, *of) || one->kept.access.reveal() != token) return true;
    const std::int64_t now_ns = ports_.clock.steady_ns();
    if (now_ns < one->useless_until_ns) return false;
    if (one->after_refusal == token) {
        // It is not the token's age that the third party dislikes.
        one->after_refusal.clear();
        one->useless_until_ns = now_ns + useless_ms * ns_of_ms;
        return false;
    }
    const bool is_last = hopeless(*one, *of).has_value();
    // What one of those who share it was told is not to end it for all.
    if (is_last && is_shared_owner(of->id().owner)) return false;
    one->stale = true;
    one->for_refusal = true;
    if (!is_last || one->kept.state == state_kind::error) return true;
    // Nothing can bring another one: whoever looks at the connection is to see that.
    one->kept.state = state_kind::error;
    one->kept.reason = "its access token was refused, and the provider gave no refresh token";
    one->kept.failed_ms = ports_.clock.unix_ms();
    enqueue(one, [this, one, id = of->id()] {
        put(one, id, one->kept.copy(), [this, one](const base::result<void>&) { end_job(one); });
    });
    return true;
}

void connection_tokens::keep_only(const std::string& owner, const std::set<std::string>& names) {
    std::vector<connection_id> gone;
    for (const auto& [id, one] : entries_) {
        if (id.owner == owner && !names.contains(id.name)) gone.push_back(id);
    }
    for (const connection_id& id : gone)
        drop(id);
}

void connection_tokens::drop(const connection_id& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    found->second->gone = true;
    entries_.erase(found);
    // One that was written after the records of this connection were looked for.
    clean_record(id);
}

void connection_tokens::clean_record(const connection_id& id) {
    const entry_ptr now = at(id);
    enqueue(now, [this, now, id] {
        const auto then = [this, now, id](const base::result<void>& done) {
            if (!done) {
                base::log(base::log_level::error,
                          "the record of a connection that is gone could not be removed",
                          {{"connection", id.to_text()}, {"why", done.error_value().to_text()}});
            }
            end_job(now);
        };
        // The connection is there again, with tokens of its own: these it is to have.
        if (!now->kept.fingerprint.empty()) return put(now, id, now->kept.copy(), then);
        ports_.kept.remove(id, [alive = std::weak_ptr<bool>(alive_), then](const auto& done) {
            if (!alive.expired()) then(done);
        });
    });
}

std::optional<std::string> connection_tokens::given_up(const oauth_settings& of) const {
    const auto found = entries_.find(of.id());
    if (found == entries_.end()) return std::nullopt;
    const connection_record& kept = found->second->kept;
    if (kept.state != state_kind::error) return std::nullopt;
    if (!fits(*found->second, of) && kept.authorized_ms != 0) return std::nullopt;
    return kept.reason;
}

connection_status connection_tokens::status(const oauth_settings& of) const {
    connection_status out;
    const auto found = entries_.find(of.id());
    if (found == entries_.end()) return out;
    const entry& one = *found->second;
    const connection_record& kept = one.kept;
    out.reason = kept.reason;
    out.failed_ms = kept.failed_ms;
    out.authorized_ms = kept.authorized_ms;
    if (!fits(one, of)) {
        if (kept.authorized_ms != 0) {
            out.reason = "it has other settings than when it was authorized";
        }
        if (kept.state == state_kind::error && kept.authorized_ms == 0) out.state = kept.state;
        return out;
    }
    out.state = kept.state;
    out.issued_ms = kept.issued_ms;
    out.expires_ms = kept.expires_ms;
    if (kept.state != state_kind::error && one.trouble) {
        out.reason = one.trouble->message;
        out.failed_ms = one.trouble_ms;
        if (!usable(one)) out.state = state_kind::error;
    } else if (kept.state == state_kind::active && !usable(one) && hopeless(one, of)) {
        out.state = state_kind::error;
        out.reason = "its access token has ended, and the provider gave no refresh token";
        out.failed_ms = kept.expires_ms;
    } else if (kept.state == state_kind::active && kept.asked_ms != 0 && !one.fetching) {
        out.reason =
            "a refresh was begun whose answer was lost; the next one will show whether "
            "the provider takes the old refresh token";
        out.failed_ms = kept.asked_ms;
    }
    return out;
}

void connection_tokens::enqueue(const entry_ptr& one, std::function<void()> job) {
    one->jobs.push_back(std::move(job));
    if (one->jobs.size() > 1) return;
    ++busy_;
    run_first(one);
}

void connection_tokens::run_first(const entry_ptr& one) {
    // A copy: it may end, and be gone, before it returns.
    const std::function<void()> job = one->jobs.front();
    job();
}

void connection_tokens::end_job(const entry_ptr& one) {
    const entry_ptr held = one;
    held->jobs.pop_front();
    if (!held->jobs.empty()) return run_first(held);
    if (--busy_ == 0 && settled_) std::exchange(settled_, {})();
}

void connection_tokens::settle(std::int64_t within_ms, std::function<void()> then) {
    settled_ = std::move(then);
    const std::int64_t patience_ms = busy_ == 0 ? 0 : within_ms;
    ports_.loop.run_after(patience_ms, [this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired() && settled_) std::exchange(settled_, {})();
    });
}

void connection_tokens::plan_sweep() {
    sweep_timer_ = ports_.loop.run_after(sweep_ms, [this] {
        sweep();
        plan_sweep();
    });
}

void connection_tokens::sweep() {
    int left = most_in_a_sweep;
    // What begins may end at once and change the map.
    const std::map<connection_id, entry_ptr> all = entries_;
    for (const auto& [id, one] : all) {
        const connection_record& kept = one->kept;
        const bool wanted = kept.state == state_kind::active && kept.authorized_ms != 0 &&
                            !kept.refresh.empty() && due(*one) && !one->fetching && !paused(*one);
        if (!wanted) continue;
        const settings_ptr of = find_(id);
        if (!of || !fits(*one, *of)) continue;
        if (left-- == 0) return;
        begin(one, of);
    }
}

}  // namespace sluice::instance
