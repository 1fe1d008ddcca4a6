#include "bulk_jobs.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "salesforce.hpp"

namespace sluice::salesforce {
namespace {

constexpr std::uint32_t download_ms = 600'000;
constexpr std::int64_t usual_wait_s = 60;
constexpr std::int64_t longest_wait_s = 3600;

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

// For a job that did not do its work, and will not.
failure end_of(const json& job) {
    const std::string state = job.get_or("state", "");
    const std::string why = job.get_or("errorMessage", "");
    std::string message = "the job " + job.get_or("id", "") +
                          (state == "Aborted" ? " was aborted" : " failed at Salesforce");
    if (!why.empty()) message += ": " + why;
    return failure(state == "Aborted" ? SLUICE_CONFLICT : SLUICE_INVALID_INPUT, std::move(message))
        .details(json{{"job", job}});
}

}  // namespace

url jobs_address(const api& salesforce, std::string_view kind) {
    if (kind != "ingest" && kind != "query") {
        throw bad_input("'kind' must be ingest or query, it is '" + std::string(kind) + "'");
    }
    return salesforce.data("/jobs").segment(kind);
}

url job_address(const api& salesforce, const json& input) {
    const std::string& job = checked_id(required_string(input, "job"), "job");
    return jobs_address(salesforce, input.get_or("kind", "ingest")) / job;
}

bool has_ended(const json& job) {
    const std::string state = job.get_or("state", "");
    return state == "JobComplete" || state == "Failed" || state == "Aborted";
}

void set_csv_format(json& job, const json& input) {
    const std::string ending = input.get_or("lineEnding", "LF");
    if (ending != "LF" && ending != "CRLF") throw bad_input("'lineEnding' must be LF or CRLF");
    job.set("lineEnding", ending);
    const std::string delimiter = input.get_or("columnDelimiter", "COMMA");
    constexpr std::string_view known[] = {"BACKQUOTE", "CARET",     "COMMA",
                                          "PIPE",      "SEMICOLON", "TAB"};
    if (std::find(std::begin(known), std::end(known), delimiter) == std::end(known)) {
        throw bad_input(
            "'columnDelimiter' must be BACKQUOTE, CARET, COMMA, PIPE, SEMICOLON or TAB");
    }
    job.set("columnDelimiter", delimiter);
}

task<http_response> fetch_file(const api& salesforce, std::string address) {
    http_request request = salesforce.request("GET", std::move(address), "text/csv");
    request.body_to_blob().timeout_ms(download_ms);
    return salesforce.send(std::move(request));
}

task<json> connector::get_bulk_job(context& ctx, const json& input) {
    const api salesforce(ctx);
    task<json> asked = salesforce.get(job_address(salesforce, input));
    const json job = co_await asked;
    co_return json{{"finished", has_ended(job)}, {"state", job["state"]}, {"job", job}};
}

task<json> connector::await_bulk_job(context& ctx, const json& input) {
    const api salesforce(ctx);
    const url address = job_address(salesforce, input);
    std::int64_t left_ms =
        1000 * number_between(input, "waitSeconds", usual_wait_s, 0, longest_wait_s);
    // Each look is one of the organization's requests: seldom for jobs that take long.
    constexpr std::int64_t longest_pause_ms = 20'000;
    std::int64_t pause_ms = 1'000;
    while (true) {
        task<json> asked = salesforce.get(address);
        const json job = co_await asked;
        const std::string state = job.get_or("state", "");
        if (state == "Failed" || state == "Aborted") throw end_of(job);
        const bool finished = has_ended(job);
        if (finished || left_ms <= 0) {
            co_return json{{"finished", finished}, {"state", state}, {"job", job}};
        }
        const std::int64_t pause = std::min(pause_ms, left_ms);
        co_await ctx.sleep(std::chrono::milliseconds(pause));
        left_ms -= pause;
        pause_ms = std::min(pause_ms * 2, longest_pause_ms);
    }
}

task<json> connector::abort_bulk_job(context& ctx, const json& input) {
    const api salesforce(ctx);
    const url address = job_address(salesforce, input);
    std::optional<failure> refused;
    json job;
    try {
        task<json> sent = salesforce.write("PATCH", address, json{{"state", "Aborted"}});
        job = co_await sent;
    } catch (const failure& why) {
        if (why.code() != SLUICE_INVALID_INPUT && why.code() != SLUICE_CONFLICT) throw;
        refused = why;
    }
    if (refused) {
        // Perhaps an earlier try of this step has done it.
        task<json> asked = salesforce.get(address);
        job = co_await asked;
        if (job.get_or("state", "") != "Aborted") throw *refused;
    }
    co_return json{{"state", job["state"]}, {"job", job}};
}

}  // namespace sluice::salesforce
