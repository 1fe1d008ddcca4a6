#include "plugin/hardening_report.hpp"

#include "json/text.hpp"

namespace sluice::plugin {

namespace {

constexpr std::size_t longest_report = 64u << 10;
constexpr std::size_t most_refused = 32;
constexpr std::size_t longest_reason = 300;

}  // namespace

json::value to_json(const hardening_report& report) {
    json::value refused = json::value::array();
    for (const std::string& each : report.refused)
        refused.push(each);
    return json::value::object({{"noNewPrivileges", report.no_new_privileges},
                                {"capabilities", report.no_capabilities ? "none" : "as the host"},
                                {"memoryMib", report.memory_mib},
                                {"openFiles", report.open_files},
                                {"landlock", report.landlock},
                                {"seccomp", report.seccomp},
                                {"network", report.network},
                                {"exec", report.exec},
                                {"refused", std::move(refused)}});
}

std::optional<hardening_report> parse_hardening(std::string_view text) {
    if (text.size() > longest_report) return {};
    const auto parsed = json::parse(text);
    if (!parsed || !parsed->is_object()) return {};
    hardening_report out;
    out.no_new_privileges = parsed->bool_or("noNewPrivileges", false);
    out.no_capabilities = parsed->string_or("capabilities", "") == "none";
    out.memory_mib = parsed->int_or("memoryMib", 0);
    out.open_files = parsed->int_or("openFiles", 0);
    out.landlock = parsed->int_or("landlock", 0);
    out.seccomp = parsed->bool_or("seccomp", false);
    out.network = parsed->bool_or("network", true);
    out.exec = parsed->bool_or("exec", false);
    const json::value* const refused = parsed->find("refused");
    if (refused == nullptr) return out;
    if (!refused->is_array() || refused->items().size() > most_refused) return {};
    for (const json::value& each : refused->items()) {
        if (!each.is_string() || each.as_string().size() > longest_reason) return {};
        out.refused.emplace_back(each.as_string());
    }
    return out;
}

}  // namespace sluice::plugin
