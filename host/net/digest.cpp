#include "net/digest.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "net/url.hpp"

namespace sluice::net {
namespace {

constexpr std::string_view count = "00000001";  // each nonce is used once

std::string hashed(digest_challenge::hash algorithm, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), bytes.data(), &size,
               algorithm == digest_challenge::hash::md5 ? EVP_md5() : EVP_sha256(), nullptr);
    return base::to_hex({reinterpret_cast<const char*>(bytes.data()), size});
}

// One challenge: its scheme, and its parameters in order.
struct raw_challenge {
    std::string_view scheme;
    std::vector<std::pair<std::string_view, std::string>> parameters;

    std::optional<std::string> find(std::string_view name) const {
        for (const auto& [each, content] : parameters) {
            if (equal_without_case(each, name)) return content;
        }
        return std::nullopt;
    }
};

class field_reader {
  public:
    explicit field_reader(std::string_view text) : rest_(text) {}

    // What is no challenge ends the reading.
    std::vector<raw_challenge> challenges() {
        std::vector<raw_challenge> found;
        for (skip(", \t"); !rest_.empty(); skip(", \t")) {
            const std::string_view word = token();
            if (word.empty()) break;
            const std::size_t blanks = skip(" \t");
            if (rest_.starts_with('=') && !found.empty()) {
                rest_.remove_prefix(1);
                skip(" \t");
                found.back().parameters.emplace_back(word, content());
            } else if (blanks > 0 || rest_.empty() || rest_.starts_with(',')) {
                found.push_back({word, {}});
                skip_token68();
            } else {
                break;
            }
        }
        return found;
    }

  private:
    std::size_t skip(std::string_view these) {
        const std::size_t size = std::min(rest_.find_first_not_of(these), rest_.size());
        rest_.remove_prefix(size);
        return size;
    }

    std::string_view take(std::size_t size) {
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(taken.size());
        return taken;
    }

    std::string_view token() {
        return take(std::min(rest_.find_first_of(" \t,=\"\\;"), rest_.size()));
    }

    std::string content() {
        if (!rest_.starts_with('"')) return std::string(token());
        std::string text;
        std::size_t at = 1;
        for (; at < rest_.size() && rest_[at] != '"'; ++at) {
            if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
            text += rest_[at];
        }
        take(at + 1);
        return text;
    }

    // What stands behind "Negotiate": it ends with "=" or with the challenge, and is no name.
    void skip_token68() {
        const std::size_t end = std::min(rest_.find_first_of(" \t,"), rest_.size());
        const std::string_view word = rest_.substr(0, end);
        const std::size_t equals = word.find('=');
        const bool is_parameter =
            equals != word.npos && word.find_first_not_of('=', equals) != word.npos;
        const std::size_t next = std::min(rest_.find_first_not_of(" \t", end), rest_.size());
        const bool goes_on = next < rest_.size() && (rest_[next] == '=' || rest_[next] == '"');
        if (!is_parameter && !goes_on) take(end);
    }

    std::string_view rest_;
};

bool lists(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        std::string_view one = list.substr(0, end);
        list.remove_prefix(std::min(end + 1, list.size()));
        while (!one.empty() && (one.front() == ' ' || one.front() == '\t'))
            one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '\t'))
            one.remove_suffix(1);
        if (equal_without_case(one, wanted)) return true;
    }
    return false;
}

std::optional<digest_challenge> understood(const raw_challenge& raw) {
    if (!equal_without_case(raw.scheme, "Digest")) return std::nullopt;
    digest_challenge made;
    made.algorithm_name = raw.find("algorithm").value_or("");
    std::string_view algorithm = made.algorithm_name;
    constexpr std::string_view ending = "-sess";
    if (algorithm.size() > ending.size() &&
        equal_without_case(algorithm.substr(algorithm.size() - ending.size()), ending)) {
        made.session = true;
        algorithm.remove_suffix(ending.size());
    }
    if (equal_without_case(algorithm, "SHA-256")) {
        made.algorithm = digest_challenge::hash::sha256;
    } else if (!algorithm.empty() && !equal_without_case(algorithm, "MD5")) {
        return std::nullopt;
    }
    if (const auto offered = raw.find("qop")) {
        made.qop = lists(*offered, "auth");
        if (!made.qop) return std::nullopt;
    }
    const auto nonce = raw.find("nonce");
    if (!nonce) return std::nullopt;
    made.nonce = *nonce;
    made.realm = raw.find("realm").value_or("");
    made.opaque = raw.find("opaque");
    made.hash_user = equal_without_case(raw.find("userhash").value_or(""), "true");
    made.stale = equal_without_case(raw.find("stale").value_or(""), "true");
    return made;
}

std::string quoted(std::string_view text) {
    std::string made = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') made += '\\';
        made += c;
    }
    return made + '"';
}

// A name beyond ASCII goes in the form that says how it is encoded.
std::string user_parameter(std::string_view user) {
    const bool plain =
        std::all_of(user.begin(), user.end(), [](char c) { return c >= ' ' && c <= '~'; });
    return plain ? "username=" + quoted(user) : "username*=UTF-8''" + percent_encode(user);
}

}  // namespace

std::optional<digest_challenge> find_digest_challenge(const headers& fields) {
    for (const std::string_view field : fields.all("WWW-Authenticate")) {
        const std::vector<raw_challenge> all = field_reader(field).challenges();
        for (const raw_challenge& each : all) {
            if (auto made = understood(each)) return made;
        }
    }
    return std::nullopt;
}

std::string digest_authorization(const digest_challenge& challenge,
                                 const digest_credentials& credentials, std::string_view method,
                                 std::string_view target, std::string_view client_nonce) {
    const auto hash = [&](std::initializer_list<std::string_view> parts) {
        std::string text;
        for (const std::string_view part : parts) {
            if (!text.empty()) text += ':';
            text += part;
        }
        return hashed(challenge.algorithm, text);
    };
    const std::string user(credentials.user);
    // Not through hash(): an empty user name stands before its colon, too.
    std::string who = hashed(challenge.algorithm, user + ':' + challenge.realm + ':' +
                                                      std::string(credentials.password));
    if (challenge.session) who = hash({who, challenge.nonce, client_nonce});
    const std::string what = hash({method, target});
    const std::string response =
        challenge.qop ? hash({who, challenge.nonce, count, client_nonce, "auth", what})
                      : hash({who, challenge.nonce, what});

    std::string out = "Digest ";
    out += challenge.hash_user
               ? "username=" + quoted(hashed(challenge.algorithm, user + ':' + challenge.realm))
               : user_parameter(user);
    out += ", realm=" + quoted(challenge.realm) + ", uri=" + quoted(target);
    if (!challenge.algorithm_name.empty()) out += ", algorithm=" + challenge.algorithm_name;
    out += ", nonce=" + quoted(challenge.nonce);
    if (challenge.qop) out += ", nc=" + std::string(count);
    if (challenge.qop || challenge.session) out += ", cnonce=" + quoted(client_nonce);
    if (challenge.qop) out += ", qop=auth";
    out += ", response=" + quoted(response);
    if (challenge.opaque) out += ", opaque=" + quoted(*challenge.opaque);
    if (challenge.hash_user) out += ", userhash=true";
    return out;
}

}  // namespace sluice::net
