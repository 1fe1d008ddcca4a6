#include "cli/execution_watch.hpp"

#include <cstdio>
#include <map>
#include <set>
#include <utility>

#include "base/clock.hpp"
#include "cli/execution_text.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

constexpr std::int64_t between_ms = 1'000;

bool is_over(const std::string& state) {
    return state == "succeeded" || state == "failed" || state == "quarantined" ||
           state == "cancelled";
}

void flush() { std::fflush(stdout); }

void print_line(const json::value& line, bool as_json) {
    if (as_json) return print(json::to_text(line) + '\n');
    std::string text = line.string_or("time", "") + ' ' + line.string_or("level", "") + ' ' +
                       line.string_or("message", "");
    if (line.get("fields").is_object()) {
        for (const auto& [name, content] : line.get("fields").members())
            text += ' ' + name + '=' + (content.is_string() ? content.as_string() : "");
    }
    print(text + '\n');
}

}  // namespace

int watch_execution(const admin_settings& admin, const std::string& id) {
    std::set<std::string> shown;
    std::string state;
    for (;; pause_ms(between_ms)) {
        auto one = ask_admin(admin, "GET", "/executions/" + net::percent_encode(id));
        if (!one) return admin_failure(one.error_value());
        for (const json::value& step : one->get("steps").items()) {
            const bool ok = step.bool_or("ok", false);
            const std::string kind = step.string_or("kind", "");
            const std::string key = step.string_or("reference", "") + '#' +
                                    std::to_string(step.int_or("run", 0)) + kind +
                                    step.string_or("ended", "");
            if (!shown.insert(key).second) continue;
            print(step.string_or("ended", "") + ' ' + step.string_or("name", "") + ' ' + kind +
                  (ok ? std::string() : " FAILED " + error_text(step.get("error"))) + '\n');
        }
        const std::string now = one->string_or("state", "");
        if (now != state) {
            const std::string why = error_text(one->get("error"));
            print(id + ' ' + now + (why.empty() ? "" : ": " + why) + '\n');
        }
        state = now;
        flush();
        if (is_over(state)) return state == "succeeded" ? exit_ok : exit_refused;
    }
}

int watch_instance(const admin_settings& admin, const std::string& instance) {
    const std::string from = base::to_rfc3339(base::system_clock().unix_ms());
    std::map<std::string, std::string> states;
    for (;; pause_ms(between_ms)) {
        auto page = ask_admin(admin, "GET",
                              "/executions?limit=200&instance=" + net::percent_encode(instance) +
                                  "&from=" + net::percent_encode(from));
        if (!page) return admin_failure(page.error_value());
        const json::value& items = page->get("items");
        for (std::size_t i = items.size(); i-- > 0;) {
            const json::value& one = items.at(i);
            std::string& state = states[one.string_or("id", "")];
            const std::string now = one.string_or("state", "");
            if (state == now) continue;
            state = now;
            const std::string why = error_text(one.get("error"));
            print(one.string_or("id", "") + ' ' + one.string_or("flow", "") + ' ' + now +
                  (why.empty() ? "" : ": " + why) + '\n');
        }
        flush();
    }
}

int print_execution_logs(const admin_settings& admin, const std::string& id, bool as_json) {
    std::string cursor;
    do {
        auto page = ask_admin(admin, "GET",
                              "/executions/" + net::percent_encode(id) + "/logs?limit=1000" +
                                  (cursor.empty() ? "" : "&cursor=" + net::percent_encode(cursor)));
        if (!page) return admin_failure(page.error_value());
        for (const json::value& line : page->get("items").items())
            print_line(line, as_json);
        cursor = page->string_or("next", "");
    } while (!cursor.empty());
    return exit_ok;
}

int print_logs(const admin_settings& admin, const log_filter& filter, bool follow, bool as_json) {
    std::string query = "/logs?limit=1000";
    const std::pair<const char*, const std::string*> given[] = {{"&instance=", &filter.instance},
                                                                {"&flow=", &filter.flow},
                                                                {"&execution=", &filter.execution},
                                                                {"&level=", &filter.level}};
    for (const auto& [name, content] : given) {
        if (!content->empty()) query += name + net::percent_encode(*content);
    }
    std::string cursor;
    for (;; pause_ms(between_ms)) {
        auto page = ask_admin(
            admin, "GET", query + (cursor.empty() ? "" : "&cursor=" + net::percent_encode(cursor)));
        if (!page) return admin_failure(page.error_value());
        for (const json::value& line : page->get("items").items())
            print_line(line, as_json);
        flush();
        cursor = page->string_or("next", "");
        if (!follow) return exit_ok;
    }
}

}  // namespace sluice::cli
