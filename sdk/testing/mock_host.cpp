#include "sluice/testing/mock_host.hpp"

#include "mock_core.hpp"

namespace sluice::testing {
namespace {

std::string text_or_empty(const json& value) {
    return value.is_null() ? std::string() : value.dump();
}

}  // namespace

mock_host::mock_host(sluice_entry entry, const mock_options& options)
    : core_(std::make_unique<mock_core>(entry, options)) {}
mock_host::~mock_host() = default;

const std::optional<reported_error>& mock_host::open_error() const noexcept {
    return core_->open_error;
}

http_rule& mock_host::on(std::string method, std::string url) {
    return core_->rules.emplace_back(std::move(method), std::move(url));
}

void mock_host::answer_others(std::function<http_rule::answer(const recorded_request&)> answer) {
    core_->answer_others = std::move(answer);
}

const std::vector<recorded_request>& mock_host::requests() const noexcept {
    return core_->requests;
}

call_result mock_host::run(std::string_view action, const json& input, const json& connection,
                           const call_options& options) {
    return core_->run(action, input.dump(), text_or_empty(connection), options, std::nullopt);
}

call_result mock_host::run_cancelled_at(unsigned n, std::string_view action, const json& input,
                                        const json& connection, const call_options& options) {
    return core_->run(action, input.dump(), text_or_empty(connection), options, n);
}

call_result mock_host::run_text(std::string_view action, std::string_view input,
                                std::string_view connection) {
    return core_->run(action, std::string(input), std::string(connection), {}, std::nullopt);
}

std::vector<call_result> mock_host::run_together(const std::vector<call_plan>& plans,
                                                 unsigned threads, std::uint64_t seed) {
    return core_->run_together(plans, threads, seed);
}

void mock_host::cancel_running() { core_->cancel_running(); }

void mock_host::forget_calls() { core_->forget_calls(); }

std::uint64_t mock_host::now_ms() const noexcept { return core_->now_ms; }

void mock_host::set_unix_ms(std::int64_t now) {
    core_->started_unix_ms = now - static_cast<std::int64_t>(core_->now_ms);
}

void mock_host::pass_time(std::uint64_t ms) {
    core_->now_ms += ms;
    core_->close_idle_sessions();
}

std::size_t mock_host::idle_sessions() const { return core_->sessions.size(); }

void mock_host::set_state(std::string key, const json& value, std::string instance) {
    auto& [text, version] = core_->state[{std::move(instance), std::move(key)}];
    text = value.dump();
    ++version;
}

json mock_host::state(const std::string& key, const std::string& instance) const {
    const auto found = core_->state.find({instance, key});
    return found == core_->state.end() ? json() : json::parse(found->second.first);
}

json mock_host::add_blob(std::string content_type, std::string bytes) {
    mock_blob& made = core_->blobs.emplace_back(*core_);
    made.id = "blob-" + std::to_string(core_->blobs.size());
    made.content_type = std::move(content_type);
    made.bytes = std::move(bytes);
    made.sealed = true;
    return json{
        {"$blob", made.id}, {"size", made.bytes.size()}, {"contentType", made.content_type}};
}

std::optional<std::string> mock_host::blob_bytes(const json& reference) const {
    for (const mock_blob& each : core_->blobs) {
        if (each.id == reference.get_or("$blob", "")) return each.bytes;
    }
    return std::nullopt;
}

void mock_host::refuse_work() { core_->work_is_refused = true; }

const std::vector<log_line>& mock_host::log() const noexcept { return core_->host_log; }
const std::vector<std::string>& mock_host::problems() const noexcept { return core_->problems; }

std::string call_result::explain() const {
    std::string text =
        ok ? "it completed with " + output.dump()
           : "it failed with code " + std::to_string(error.code) + ": " + error.message;
    for (const std::string& problem : problems)
        text += "\n  problem: " + problem;
    for (const log_line& line : log)
        text += "\n  log: " + line.message;
    return text;
}

}  // namespace sluice::testing
