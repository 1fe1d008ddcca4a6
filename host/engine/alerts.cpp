#include "engine/alerts.hpp"

#include <utility>

#include "engine/scope.hpp"
#include "json/text.hpp"
#include "manifest/callback_flow.hpp"

namespace sluice::engine {
namespace {

using condition = manifest::alert::condition;

constexpr const char* success_key = "last";

// No flow has a dot in its name, so no flow's own state is here.
std::string success_flow(const std::string& flow) { return flow + ".success"; }

json::value error_json(const fault& why) {
    json::value out = json::value::object(
        {{"type", why.type}, {"status", why.status}, {"title", why.title}, {"detail", why.detail}});
    if (!why.instance.empty()) out.set("step", why.instance);
    return out;
}

// Whether anybody wants to be told. An address that cannot be known fails, and is seen, when the
// message is delivered.
bool has_receiver(const bound_flow& of, const manifest::alert& rule, base::clock& clock) {
    const scope variables(of, 0, json::value(), 0);
    expression::budget limits;
    limits.clock = &clock;
    limits.time_ms = 100;
    base::result<json::value> url = rule.url.evaluate({}, variables.bindings(), limits);
    if (!url) return true;
    const json::value known = of.resolve(rule.url, std::move(*url));
    return !known.is_null() && known != json::value("");
}

// By an operator: what deploys is repeated by the host, and without records nothing can go on.
bool can_be_resumed(const manifest::flow& flow) {
    return flow.record == manifest::flow::record_kind::full &&
           !std::holds_alternative<manifest::deploy_trigger>(flow.trigger) &&
           !std::holds_alternative<manifest::undeploy_trigger>(flow.trigger);
}

void add_news(json::value& to, const alert_news& news) {
    if (news.execution != 0) to.set("execution", base::execution_id_text(news.execution));
    if (news.error) to.set("error", error_json(*news.error));
}

json::value message_of(const bound_flow& of, const manifest::alert& rule, bool raised,
                       const alert_news& news, std::int64_t now_ms) {
    json::value out = json::value::object(
        {{"alert", rule.name},
         {"state", raised ? "raised" : "cleared"},
         {"kind", manifest::to_string(rule.on)},
         {"time", base::to_rfc3339(now_ms)},
         {"instance", of.instance},
         {"customer", of.instance_info.get("customer")},
         {"integration", of.integration->id},
         {"version", of.integration->version},
         {rule.on == condition::connection ? "connection" : "flow", news.about}});
    add_news(out, news);
    return out;
}

}  // namespace

std::string alert_key(const std::string& instance, const std::string& alert,
                      const std::string& about) {
    return instance + '/' + alert + '/' + about;
}

store::alert_op change_alert(const bound_flow& of, const manifest::alert& rule, bool raised,
                             const alert_news& news, base::clock& clock, base::id_generator& ids) {
    store::alert_op out;
    out.instance = of.instance;
    out.key = alert_key(of.instance, rule.name, news.about);
    out.raised = raised;
    out.at_ms = clock.unix_ms();
    out.told = std::make_shared<store::alert_outcome>();
    json::value detail = json::value::object({{"alert", rule.name},
                                              {"kind", manifest::to_string(rule.on)},
                                              {"about", news.about},
                                              {"last", out.at_ms}});
    add_news(detail, news);
    if (!news.resumable) detail.set("resumable", false);
    if (!news.refused.empty()) {
        json::value names = json::value::array();
        for (const std::string& one : news.refused)
            names.push(one);
        detail.set("refused", std::move(names));
    }
    out.detail_json = json::to_text(detail);
    if (!has_receiver(of, rule, clock)) return out;
    store::new_event message;
    message.id = ids.next();
    message.instance = of.instance;
    message.flow = manifest::alert_flow_name(rule.name);
    message.flow_version = of.integration->hash;
    message.kind = "alert";
    message.lane_key = out.key;  // nobody hears that it is over before they hear of it
    message.payload_json = json::to_text(
        json::value::object({{"message", message_of(of, rule, raised, news, out.at_ms)}}));
    message.accepted_ms = out.at_ms;
    message.parent = news.execution;
    out.message = std::move(message);
    return out;
}

std::vector<store::op> alerts_of_end(const flow_source& flows, const ending& what,
                                     end_of_execution& end, raised_alerts& raised,
                                     base::clock& clock, base::id_generator& ids) {
    std::vector<store::op> out;
    const bool failed = end.how == end_of_execution::kind::failed;
    if (!failed && end.how != end_of_execution::kind::succeeded) return out;
    const std::shared_ptr<const bound_flow> current = flows.current(what.instance, what.flow);
    if (!current) return out;
    bool is_missed = false;  // by some alert, when it does not come
    for (const manifest::alert& rule : current->integration->alerts) {
        if (rule.on == condition::connection || !rule.watches(what.flow)) continue;
        const bool overdue = rule.on == condition::overdue;
        if (overdue ? failed : what.awaited) continue;
        is_missed = is_missed || overdue;
        const bool idle =
            !failed &&
            (raised.none() || !raised.contains(alert_key(what.instance, rule.name, what.flow)));
        if (idle) continue;
        alert_news news;
        news.about = what.flow;
        news.execution = what.id;
        if (failed) news.error = end.error;
        news.resumable = can_be_resumed(*current->flow);
        store::alert_op change = change_alert(*current, rule, failed, news, clock, ids);
        end.alerts.push_back(raised.begin(change));
        out.emplace_back(std::move(change));
    }
    if (is_missed) out.emplace_back(note_success(what.instance, what.flow, clock.unix_ms()));
    return out;
}

store::state_put_op note_success(const std::string& instance, const std::string& flow,
                                 std::int64_t at_ms) {
    store::state_put_op out;
    out.instance = instance;
    out.flow = success_flow(flow);
    out.key = success_key;
    out.value_json = json::to_text(json::value::object({{"at", at_ms}}));
    return out;
}

store::state_put_op forget_success(const std::string& instance, const std::string& flow) {
    store::state_put_op out = note_success(instance, flow, 0);
    out.remove = true;
    return out;
}

base::result<std::int64_t> last_success(store::store& from, const std::string& instance,
                                        const std::string& flow) {
    const auto found = from.state_get(instance, success_flow(flow), success_key);
    if (!found) return found.error_value();
    if (found->version == 0) return std::int64_t{0};
    const base::result<json::value> kept = json::parse(found->value_json);
    if (!kept) return kept.error_value();
    return kept->int_or("at", 0);
}

json::value alert_message(const json::value& payload) {
    json::value out = payload.get("message");
    const json::value& record = payload.get("alert");
    const json::value* const error = record.find("error");
    if (error != nullptr && out.find("error") == nullptr) out.set("error", *error);
    out.set("since", base::to_rfc3339(record.int_or("since", 0)));
    out.set("count", record.int_or("count", 1));
    return out;
}

}  // namespace sluice::engine
