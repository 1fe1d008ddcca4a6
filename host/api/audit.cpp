#include "api/audit.hpp"

#include <utility>
#include <vector>

#include "api/page.hpp"
#include "base/clock.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

constexpr const char* record_kind = "audit";
// An outcome is a record of its own, right behind its entry: what is written is never touched.
constexpr const char* outcome_suffix = ".outcome";

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

json::value content_of(const audit_entry& entry) {
    return json::value::object({{"at", base::to_rfc3339(entry.at_ms)},
                                {"who", entry.who},
                                {"action", entry.action},
                                {"object", text_or_null(entry.object)},
                                {"from", entry.from}});
}

}  // namespace

void audit_log::put(store::config_record record, done told) {
    ports_.store.put_config(std::move(record),
                            [&loop = ports_.loop, told = std::move(told)](base::result<void> how) {
                                loop.post([told, how = std::move(how)] { told(how); });
                            });
}

void audit_log::begin(const audit_entry& entry, begun told) {
    std::string id = "a" + base::execution_id_text(ports_.ids.next()).substr(1);
    const std::string text = json::to_text(content_of(entry));
    put({record_kind, id, text, 0}, [id, told = std::move(told)](const base::result<void>& how) {
        if (!how) return told(how.error_value());
        told(id);
    });
}

void audit_log::end(const std::string& id, int status, const std::string& created, done told) {
    const json::value content =
        json::value::object({{"status", status}, {"created", text_or_null(created)}});
    put({record_kind, id + outcome_suffix, json::to_text(content), 0}, std::move(told));
}

base::result<json::value> audit_log::page(const std::string& cursor, int limit) {
    base::result<std::vector<store::config_record>> found =
        ports_.store.config_before(record_kind, cursor, 2 * (limit + 1));
    if (!found) return std::move(found).error_value();
    json::value items = json::value::array();
    std::string last;
    json::value outcome;  // of the entry that comes next
    for (const store::config_record& record : *found) {
        base::result<json::value> content = json::parse(record.value_json);
        if (!content) return std::move(content).error_value();
        if (record.key.ends_with(outcome_suffix)) {
            outcome = std::move(*content);
            continue;
        }
        if (items.size() == static_cast<std::size_t>(limit)) return page_of(std::move(items), last);
        content->set("id", record.key);
        content->set("status", outcome.get("status"));
        content->set("created", outcome.get("created"));
        outcome = {};
        items.push(std::move(*content));
        last = record.key;
    }
    return page_of(std::move(items), "");
}

}  // namespace sluice::api
