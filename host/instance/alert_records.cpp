#include "instance/alert_records.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
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
        const json::value* const resumable = kept->find("resumable");
        one.resumable = resumable == nullptr || *resumable != json::value(false);
        if (const json::value* names = kept->find("refused"); names && names->is_array()) {
            for (const json::value& name : names->items()) {
                if (name.is_string()) one.refused.push_back(name.as_string());
            }
        }
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
               "; mend it, then: sluice connection test " + one.instance + ' ' + one.about +
               ", or, when somebody has to log in: sluice connection authorize " + one.instance +
               ' ' + one.about;
    }
    if (one.kind == "overdue") {
        return "sluice execution list --instance " + one.instance + " --flow " + one.about;
    }
    const std::string look = "sluice execution show " + one.execution + "; mend it";
    if (!one.resumable) return look + ": the next success of " + one.about + " clears it";
    return look + ", then: sluice execution resume " + one.execution;
}

std::vector<raised_alert> undeclared(const std::vector<raised_alert>& all,
                                     const std::map<std::string, integration_ptr>& now) {
    std::vector<raised_alert> out;
    for (const raised_alert& one : all) {
        const auto instance = now.find(one.instance);
        if (instance == now.end()) continue;
        if (!instance->second || !declares(*instance->second, one)) out.push_back(one);
    }
    return out;
}

// As changes of alerts, not of records: one that is counted meanwhile goes all the same.
void drop(engine::alert_writer& with, const std::vector<raised_alert>& which) {
    for (const raised_alert& one : which) {
        store::alert_op gone;
        gone.instance = one.instance;
        gone.key = one.key;
        gone.raised = false;
        gone.told = std::make_shared<store::alert_outcome>();
        with.write(std::move(gone), [](const base::result<void>&) {});
    }
}

}  // namespace sluice::instance
