#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "base/clock.hpp"
#include "base/log_format.hpp"
#include "base/log_observer.hpp"
#include "base/log_secrets.hpp"
#include "base/recent_secrets.hpp"

namespace sluice::base {

namespace {

constinit std::atomic<log_level> least_level{log_level::info};
constinit std::atomic<bool> as_json{false};
constexpr std::size_t most_recent = 2'000;

// Logging is the one thing reachable from everywhere, also while the process goes down; so this is
// made on first use and never destroyed.
struct log_state {
    std::unique_ptr<spdlog::logger> text;
    std::unique_ptr<spdlog::logger> json;
    std::shared_mutex observer_mutex;
    std::function<void(const log_entry&)> observer;
    std::shared_mutex secrets_mutex;
    log_secrets secrets;
    recent_secrets recent{most_recent};

    log_state() {
        text = std::make_unique<spdlog::logger>(
            "text", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
        text->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
        json = std::make_unique<spdlog::logger>("json",
                                                std::make_shared<spdlog::sinks::stderr_sink_mt>());
        json->set_pattern("%v");
        for (auto* logger : {text.get(), json.get()}) {
            logger->set_level(spdlog::level::trace);
            // Standard error is gone: there is nobody left to tell.
            logger->set_error_handler([](const std::string&) {});
        }
    }
};

log_state& state() {
    static auto& made = *new log_state;
    return made;
}

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warning:
            return spdlog::level::warn;
        case log_level::error:
            return spdlog::level::err;
        case log_level::off:
            break;
    }
    return spdlog::level::off;
}

}  // namespace

void set_log_level(log_level level) { least_level = level; }

bool is_logged(log_level level) {
    return level >= least_level.load(std::memory_order_relaxed) && level != log_level::off;
}

void set_log_json(bool json) { as_json = json; }

void log(log_level level, std::string_view message, std::initializer_list<log_field> fields) {
    if (!is_logged(level)) return;
    log_entry entry;
    entry.level = level;
    entry.message = redact(std::string(message));
    for (const auto& [name, content] : fields) {
        entry.fields.emplace_back(name, redact(content));
    }
    entry.unix_ms = system_clock().unix_ms();
    if (as_json.load(std::memory_order_relaxed)) {
        state().json->log(to_spdlog(level), format_json(entry));
    } else {
        state().text->log(to_spdlog(level), format_text(entry));
    }
    const std::shared_lock lock(state().observer_mutex);
    if (state().observer) state().observer(entry);
}

void observe_log(std::function<void(const log_entry&)> observer) {
    const std::unique_lock lock(state().observer_mutex);
    state().observer = std::move(observer);
}

void add_log_secret(std::string_view secret) {
    const std::unique_lock lock(state().secrets_mutex);
    state().secrets.add(secret);
}

void add_recent_log_secret(std::string_view secret) {
    const std::unique_lock lock(state().secrets_mutex);
    state().recent.add(secret);
}

std::string redact(std::string text) {
    const std::shared_lock lock(state().secrets_mutex);
    text = state().secrets.replace(std::move(text));
    const log_secrets* const recent = state().recent.hidden();
    return recent == nullptr ? text : recent->replace(std::move(text));
}

bool holds_secret(std::string_view text) {
    const std::shared_lock lock(state().secrets_mutex);
    const log_secrets* const recent = state().recent.hidden();
    return state().secrets.found_in(text) || (recent != nullptr && recent->found_in(text));
}

}  // namespace sluice::base
