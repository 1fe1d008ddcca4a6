#include "api/log_book.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "api/page.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sluice::api {
namespace {

constexpr std::size_t kept_lines = 5'000;
constexpr std::size_t most_waiting = 10'000;
constexpr std::size_t longest_line = 4'096;
constexpr std::int64_t write_after_ms = 200;

std::string field(const base::log_entry& entry, std::string_view name) {
    for (const auto& [key, content] : entry.fields) {
        if (key == name) return content;
    }
    return {};
}

json::value json_of(const base::log_entry& entry) {
    json::value fields = json::value::object();
    for (const auto& [name, content] : entry.fields) {
        if (!content.empty()) fields.set(name, content);
    }
    return json::value::object({{"time", base::to_rfc3339(entry.unix_ms)},
                                {"level", std::string(base::to_string(entry.level))},
                                {"message", entry.message},
                                {"fields", std::move(fields)}});
}

std::optional<base::log_level> parse_level(std::string_view text) {
    for (const auto one : {base::log_level::debug, base::log_level::info, base::log_level::warning,
                           base::log_level::error}) {
        if (text == base::to_string(one)) return one;
    }
    return std::nullopt;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number out = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return out;
}

}  // namespace

void log_book::note(const base::log_entry& entry) {
    const auto execution = base::parse_execution_id(field(entry, "execution"));
    bool post = false;
    {
        const std::lock_guard lock(mutex_);
        lines_.push_back({++last_, entry});
        if (lines_.size() > kept_lines) lines_.pop_front();
        if (execution && waiting_ < most_waiting) {
            to_write_[*execution].push_back(entry);
            ++waiting_;
            post = !std::exchange(will_write_, true);
        }
    }
    if (!post) return;
    ports_.loop.post([this] { ports_.loop.run_after(write_after_ms, [this] { write(); }); });
}

void log_book::write() {
    std::map<store::event_id, std::vector<base::log_entry>> all;
    {
        const std::lock_guard lock(mutex_);
        all = std::exchange(to_write_, {});
        waiting_ = 0;
        will_write_ = false;
    }
    std::vector<store::op> changes;
    for (const auto& [id, entries] : all) {
        const std::string instance = field(entries.front(), "instance");
        const std::string flow = field(entries.front(), "flow");
        const auto bound = ports_.deployments.current(instance, flow);
        // What a connector says may tell of what it was given.
        if (bound && bound->flow->record != manifest::flow::record_kind::full) continue;
        store::log_op made{id, {}};
        for (const base::log_entry& entry : entries) {
            store::log_line kept;
            kept.at_ms = entry.unix_ms;
            kept.level = base::to_string(entry.level);
            base::log_entry shown = entry;
            std::erase_if(shown.fields, [](const auto& one) {
                return one.first == "execution" || one.first == "instance" || one.first == "flow" ||
                       one.second.empty();
            });
            kept.text = base::format_text(shown).substr(0, longest_line);
            made.lines.push_back(std::move(kept));
        }
        changes.emplace_back(std::move(made));
    }
    if (changes.empty()) return;
    const auto epoch = ports_.store.acquire(0);
    if (!epoch) return;
    // Whoever reads it notices a loss; a line about it would be lost as well.
    ports_.store.commit(0, *epoch, std::move(changes), [](const auto&) {});
}

void log_book::list(const call& what, const answer_function& answer) {
    auto given =
        read_query(what.query, {"cursor", "instance", "flow", "execution", "level", "limit"});
    if (!given) return answer(problem_of(given.error_value()));
    base::result<int> limit = read_limit(*given);
    if (!limit) return answer(problem_of(limit.error_value()));
    const std::string level_text = parameter(*given, "level");
    const auto level = level_text.empty() ? base::log_level::debug : parse_level(level_text);
    if (!level) return answer(problem(400, "level is debug, info, warning or error"));
    const std::string cursor = parameter(*given, "cursor");
    const auto after = parse_number<std::uint64_t>(cursor.empty() ? "0" : cursor);
    if (!after) return answer(problem(400, "that is no cursor of this list"));
    const auto wanted = [&](const base::log_entry& entry) {
        const std::string instance = field(entry, "instance");
        if (what.view.instances() && !what.view.sees(instance)) return false;
        for (const char* name : {"instance", "flow", "execution"}) {
            const std::string asked = parameter(*given, name);
            if (!asked.empty() && asked != field(entry, name)) return false;
        }
        return entry.level >= *level;
    };
    json::value items = json::value::array();
    std::uint64_t next = 0;
    {
        const std::lock_guard lock(mutex_);
        next = last_;
        std::vector<const line*> found;
        for (const line& one : lines_) {
            if (one.number > *after && wanted(one.entry)) found.push_back(&one);
        }
        const auto most = static_cast<std::size_t>(*limit);
        // Without a cursor the newest, with one what follows it.
        const std::size_t first = cursor.empty() && found.size() > most ? found.size() - most : 0;
        for (std::size_t i = first; i < found.size() && items.size() < most; ++i) {
            items.push(json_of(found[i]->entry));
            if (items.size() == most) next = found[i]->number;
        }
    }
    answer(json_reply(200, page_of(std::move(items), std::to_string(next))));
}

void log_book::of_execution(const call& what, const answer_function& answer) {
    auto given = read_query(what.query, {"cursor", "limit"});
    if (!given) return answer(problem_of(given.error_value()));
    base::result<int> limit = read_limit(*given);
    if (!limit) return answer(problem_of(limit.error_value()));
    const std::string cursor = parameter(*given, "cursor");
    const auto after = parse_number<std::int64_t>(cursor.empty() ? "0" : cursor);
    if (!after) return answer(problem(400, "that is no cursor of this list"));
    write();
    ports_.run_blocking(
        [this, answer, id = what.execution->summary.id, after = *after, limit = *limit] {
            base::result<std::vector<store::log_line>> found =
                ports_.store.log_lines(id, after, limit + 1);
            reply told = found ? reply() : problem_of(found.error_value());
            if (found) {
                json::value items = json::value::array();
                std::string next;
                for (const store::log_line& one : *found) {
                    if (items.size() == static_cast<std::size_t>(limit)) {
                        next = std::to_string((*found)[items.size() - 1].number);
                        break;
                    }
                    items.push(json::value::object({{"time", base::to_rfc3339(one.at_ms)},
                                                    {"level", one.level},
                                                    {"message", one.text}}));
                }
                told = json_reply(200, page_of(std::move(items), next));
            }
            auto shared = std::make_shared<reply>(std::move(told));
            ports_.loop.post([shared, answer] { answer(std::move(*shared)); });
        });
}

}  // namespace sluice::api
