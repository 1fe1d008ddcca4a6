#include "instance/authorizations.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"

namespace sluice::instance {
namespace {

constexpr std::size_t longest_description = 300;

base::error unknown_state() {
    return base::make_error(base::error_code::not_found,
                            "this address has been used before, or is older than ten minutes",
                            "ask for a new one and open it within that time");
}

}  // namespace

authorizations::begun authorizations::begin(const connection_tokens::settings_ptr& of,
                                            const std::string& redirect_uri) {
    const std::string state = base::make_token(ports_.random);
    pending made;
    made.state_hash = base::sha256(state);
    made.verifier = base::make_token(ports_.random);
    made.redirect_uri = redirect_uri;
    made.fingerprint = of->fingerprint();
    made.expires_ms = ports_.clock.unix_ms() + life_ms;
    begun out;
    out.url =
        of->authorize_address(redirect_uri, state, base::to_base64url(base::sha256(made.verifier)));
    out.expires_ms = made.expires_ms;
    pending_.insert_or_assign(of->id(), std::move(made));
    return out;
}

void authorizations::finish(answer what, const done& finished) {
    const std::string hash = base::sha256(what.state);
    // All are looked at, in full: the time tells nothing of a state that is nearly right.
    auto found = pending_.end();
    for (auto each = pending_.begin(); each != pending_.end(); ++each) {
        if (base::constant_time_equal(hash, each->second.state_hash)) found = each;
    }
    if (found == pending_.end()) return finished(unknown_state());
    const connection_id id = found->first;
    pending one = std::move(found->second);
    pending_.erase(found);
    if (ports_.clock.unix_ms() >= one.expires_ms) return finished(unknown_state());
    if (!what.error.empty() || what.code.empty()) {
        std::string why = what.error.empty() ? "it sent no code" : what.error;
        if (!what.description.empty()) why += ": " + what.description;
        why.resize(base::valid_utf8_length(why.substr(0, longest_description)));
        base::log(base::log_level::warning, "a connection was not authorized",
                  {{"connection", id.to_text()}, {"why", why}});
        return finished(
            base::make_error(base::error_code::auth, "the provider did not agree: " + why));
    }
    const connection_tokens::settings_ptr of = ports_.find(id);
    if (!of || of->fingerprint() != one.fingerprint) {
        return finished(base::make_error(base::error_code::conflict,
                                         id.to_text() + " has been changed in the meantime",
                                         "ask for a new address"));
    }
    ports_.tokens.exchange(of, std::move(what.code), std::move(one.verifier),
                           std::move(one.redirect_uri),
                           [finished, id](const base::result<void>& kept) {
                               if (!kept) return finished(kept.error_value());
                               base::log(base::log_level::info, "a connection was authorized",
                                         {{"connection", id.to_text()}});
                               finished(id);
                           });
}

}  // namespace sluice::instance
