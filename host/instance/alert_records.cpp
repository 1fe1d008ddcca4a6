#include "instance/alert_records.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "json/text.hpp"
#include "manifest/integration.hpp"

namespace sluice::instance {
namespace {

bool declares(const manifest::integration& of, const raised_alert& one) {
    return std::ranges::any_of(of.alerts, [&](const manifest::alert& rule) {
        return rule.name == one.alert && manifest::to_string(rule.on) == one.kind &&
               rule.watches(one.about);
    });
}

std::string reason_of(const raised_alert& one) {
    std::string out = one.error.string_or("title", "");
    const std::string detail = one.error.string_or("detail", "");
    if (!detail.empty()) out += (out.empty() ? "" : ": ") + detail;
    return out;
}

}  // namespace

base::result<std::vector<raised_alert>> read_alerts(store::reader& from) {
    const auto found = from.config(store::alert_kind);
    if (!found) return found.error_value();
    std::vector<raised_alert> out;
    for (const store::config_record& record : *found) {
        const base::result<json::value> kept = json::parse(record.value_json);
        if (!kept) return kept.error_value();
        raised_alert one;
        one.key = record.key;
        one.instance = record.key.substr(0, record.key.find('/'));
        one.alert = kept->string_or("alert", "");
        one.kind = kept->string_or("kind", "");
        one.about = kept->string_or("about", "");
        one.since_ms = kept->int_or("since", 0);
        one.last_ms = kept->int_or("last", 0);
        one.count = kept->int_or("count", 0);
        one.execution = kept->string_or("execution", "");
        one.error = kept->get("error");
        one.version = record.version;
        out.push_back(std::move(one));
    }
    return out;
}

std::string sentence_of(const raised_alert& one) {
    const std::string since = " since " + base::to_rfc3339(one.since_ms);
    const std::string times = one.count == 1 ? "once" : std::to_string(one.count) + " times";
    const std::string reason = reason_of(one);
    std::string out = one.about + " of " + one.instance;
    if (one.kind == "overdue") {
        out += " is overdue" + since;
    } else if (one.kind == "connection") {
        out = "the connection " + out + " does not work" + since;
    } else {
        out += " has failed " + times + since + " without a success";
    }
    return reason.empty() ? out : out + ": " + reason;
}

std::string advice_on(const raised_alert& one) {
    if (one.kind == "connection") {
        return "sluice connection list " + one.instance +
               "; mend it, then: sluice connection test " + one.instance + ' ' + one.about;
    }
    if (one.kind == "overdue") {
        return "sluice execution list --instance " + one.instance + " --flow " + one.about;
    }
    return "sluice execution show " + one.execution + "; mend it, then: sluice execution resume " +
           one.execution;
}

void drop_undeclared(store::store& from, const std::map<std::string, integration_ptr>& now) {
    const auto raised = read_alerts(from);
    if (!raised) return;  // whoever looks at them is told
    std::vector<store::config_change> gone;
    for (const raised_alert& one : *raised) {
        const auto instance = now.find(one.instance);
        if (instance == now.end()) continue;
        if (instance->second && declares(*instance->second, one)) continue;
        gone.push_back({{store::alert_kind, one.key, "", one.version}, true});
    }
    if (gone.empty()) return;
    from.change_config(std::move(gone), [](const base::result<void>& done) {
        if (done) return;
        base::log(base::log_level::warning, "alerts that are not declared any more stay",
                  {{"why", done.error_value().to_text()}});
    });
}

}  // namespace sluice::instance
