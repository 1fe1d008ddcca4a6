#include "plugin/isolation.hpp"

#include <charconv>

namespace sluice::plugin {

namespace {

using base::error_code;
using base::make_error;

base::error refuse(std::string_view text, std::string why) {
    return make_error(error_code::invalid_input, "\"" + std::string(text) + "\" " + std::move(why),
                      "write [NAME=]none or [NAME=]process[,no-network][,exec][,memory=MIB]");
}

// The part up to the separator, which is taken away with it.
std::string_view cut(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view head = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return head;
}

bool read_memory(std::string_view text, std::uint64_t& mib) {
    constexpr std::uint64_t least = 64;
    constexpr std::uint64_t most = 1u << 20;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), mib);
    return failed == std::errc() && end == text.data() + text.size() && mib >= least && mib <= most;
}

bool is_hash(std::string_view text) {
    return text.size() == 64 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

isolation_rule isolation_policy::rule_for(std::string_view id, const std::string& sha256) const {
    if (const auto found = named.find(id); found != named.end()) return found->second;
    return trusted.contains(sha256) ? for_trusted : for_others;
}

base::result<isolation_rule> parse_isolation_rule(std::string_view text) {
    std::string_view rest = text;
    const std::string_view mode = cut(rest, ',');
    isolation_rule out;
    if (mode == "none" && rest.empty()) return out;
    if (mode != "process") return refuse(text, "is not a way to run a connector");
    out.mode = isolation_mode::process;
    while (!rest.empty()) {
        const std::string_view word = cut(rest, ',');
        constexpr std::string_view memory = "memory=";
        if (word == "no-network") {
            out.limits.network = false;
        } else if (word == "exec") {
            out.limits.exec = true;
        } else if (!word.starts_with(memory) ||
                   !read_memory(word.substr(memory.size()), out.limits.memory_mib)) {
            return refuse(text, "has an unknown part \"" + std::string(word) + "\"");
        }
    }
    return out;
}

base::result<void> add_isolation(isolation_policy& policy, std::string_view text) {
    const std::size_t at = text.find('=');
    const std::size_t comma = text.find(',');
    const bool named =
        at != std::string_view::npos && (comma == std::string_view::npos || at < comma);
    auto rule = parse_isolation_rule(named ? text.substr(at + 1) : text);
    if (!rule) return refuse(text, "is not [NAME=]RULE");
    if (!named) {
        policy.for_trusted = policy.for_others = *rule;
        return {};
    }
    if (at == 0) return refuse(text, "names no connector");
    policy.named[std::string(text.substr(0, at))] = *rule;
    return {};
}

base::result<std::set<std::string>> parse_trusted(std::string_view text) {
    std::set<std::string> found;
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = cut(text, '\n');
        if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#')
            continue;
        const std::string_view hash = cut(line, ' ');
        if (!is_hash(hash)) {
            return make_error(error_code::invalid_input,
                              "line " + std::to_string(number) + " does not begin with a SHA-256",
                              "write it with sha256sum");
        }
        found.emplace(hash);
    }
    return found;
}

}  // namespace sluice::plugin
