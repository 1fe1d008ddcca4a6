#include "base/log_secrets.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"

namespace sluice::base {

namespace {

std::uint64_t first_eight(std::string_view text) {
    std::uint64_t key = 0;
    std::memcpy(&key, text.data(), sizeof key);
    return key;
}

constexpr std::size_t marks_per_form = 32;

// Spreads keys that differ little over all bits; the low ones are used.
std::uint64_t spread(std::uint64_t key) { return key * 0x9e3779b97f4a7c15u >> 20; }

std::string to_upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

// `kept` are the punctuation characters this encoder leaves alone.
std::string percent_encode(std::string_view bytes, std::string_view kept, bool upper) {
    std::string text;
    for (const char c : bytes) {
        const bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (alphanumeric || kept.find(c) != std::string_view::npos) {
            text += c;
        } else {
            const std::string digits = to_hex({&c, 1});
            text += '%';
            text += upper ? to_upper(digits) : digits;
        }
    }
    return text;
}

std::string json_escape(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        switch (c) {
            case '"':
                text += "\\\"";
                break;
            case '\\':
                text += "\\\\";
                break;
            case '\n':
                text += "\\n";
                break;
            case '\r':
                text += "\\r";
                break;
            case '\t':
                text += "\\t";
                break;
            default:
                text += c;
        }
    }
    return text;
}

std::string to_url_alphabet(std::string text) {
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

// What base64 makes of the secret when `before` bytes stand before it in its group of three (as in
// "user:secret"): only the characters that depend on nothing but the secret.
std::string base64_core(std::string_view secret, std::size_t before) {
    const std::string text = to_base64(std::string(before, '\0') + std::string(secret));
    const std::size_t first = before == 0 ? 0 : before + 1;
    const std::size_t end = (before + secret.size()) * 8 / 6;
    return text.substr(first, end - first);
}

bool has_any(std::string_view text, std::string_view of) {
    return text.find_first_of(of) != text.npos;
}

}  // namespace

void log_secrets::add(std::string_view secret) {
    if (secret.size() < shortest) return;
    add_form(std::string(secret));
    add_lines_of_key(secret);
    add_form(json_escape(secret));
    add_form(to_hex(secret));
    add_form(to_upper(to_hex(secret)));
    // RFC 3986, encodeURIComponent, HTML forms (which also write a space as '+').
    for (const std::string_view kept : {"-._~", "-._~!'()*", "-._* "}) {
        for (const bool upper : {true, false}) {
            std::string encoded = percent_encode(secret, kept, upper);
            std::replace(encoded.begin(), encoded.end(), ' ', '+');
            add_form(std::move(encoded));
        }
    }
    add_form(to_base64(secret));
    add_form(to_base64url(secret));
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string core = base64_core(secret, before);
        add_form(core);
        add_form(to_url_alphabet(core));
    }
}

// A key of several lines may be told line by line. Only long lines of base64: those around them
// ("-----BEGIN", names of members in JSON) and rulers stand in other texts, too.
void log_secrets::add_lines_of_key(std::string_view secret) {
    constexpr std::size_t shortest_line = 32;
    constexpr std::string_view base64 =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    if (secret.find('\n') == secret.npos) return;
    while (!secret.empty()) {
        std::string_view line = secret.substr(0, secret.find('\n'));
        secret.remove_prefix(std::min(line.size() + 1, secret.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() < shortest_line || line.find_first_not_of(base64) != line.npos) continue;
        if (!has_any(line, base64.substr(0, 52)) || !has_any(line, base64.substr(52, 10))) continue;
        add_form(std::string(line));
    }
}

void log_secrets::add_form(std::string form) {
    const std::uint64_t start = first_eight(form);
    auto& same_start = forms_[start];
    if (std::find(same_start.begin(), same_start.end(), form) != same_start.end()) return;
    same_start.push_back(std::move(form));
    // Few enough bits set that a wrong "perhaps" is rare.
    if (forms_.size() * marks_per_form > marks_.size() * 64) {
        marks_.assign(std::bit_ceil(forms_.size() * marks_per_form * 2) / 64, 0);
        for (const auto& [known, forms] : forms_)
            mark(known);
    }
    mark(start);
}

void log_secrets::mark(std::uint64_t start) {
    const std::uint64_t bit = spread(start) & (marks_.size() * 64 - 1);
    marks_[bit / 64] |= std::uint64_t{1} << bit % 64;
}

bool log_secrets::may_start(std::uint64_t start) const {
    const std::uint64_t bit = spread(start) & (marks_.size() * 64 - 1);
    return (marks_[bit / 64] >> bit % 64 & 1) != 0;
}

std::size_t log_secrets::match(std::string_view text) const {
    const auto found = forms_.find(first_eight(text));
    if (found == forms_.end()) return 0;
    std::size_t longest = 0;
    for (const std::string& form : found->second) {
        if (form.size() > longest && text.starts_with(form)) longest = form.size();
    }
    return longest;
}

log_secrets::place log_secrets::find(std::string_view text, std::size_t at) const {
    if (forms_.empty()) return {};
    for (; at + shortest <= text.size(); ++at) {
        const std::string_view rest = text.substr(at);
        if (!may_start(first_eight(rest))) continue;
        if (const std::size_t length = match(rest); length > 0) return {at, length};
    }
    return {};
}

std::string log_secrets::replace(std::string text) const {
    place next = find(text, 0);
    if (next.length == 0) return text;
    std::string replaced;
    std::size_t copied = 0;  // how much of `text` is settled
    for (; next.length > 0; next = find(text, copied)) {
        replaced.append(text, copied, next.at - copied);
        replaced += "[redacted]";
        copied = next.at + next.length;
    }
    replaced.append(text, copied);
    return replaced;
}

}  // namespace sluice::base
