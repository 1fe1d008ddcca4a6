// CSV files into Salesforce by Bulk API 2.0. Nothing is done with the rows before the job is
// closed, so a step that is repeated (after a crash, or when an answer was lost) looks for the job
// of its first try: one that was closed is the one, one that was not is aborted and made anew.
#include <sluice/state.hpp>
#include <sluice/step_hash.hpp>
#include <string>

#include "api.hpp"
#include "bulk_jobs.hpp"
#include "salesforce.hpp"

namespace sluice::salesforce {
namespace {

// Salesforce takes 150 MB in base64, and says itself that a file of 100 MB comes to that.
constexpr std::uint64_t largest_file = 100'000'000;
constexpr std::uint32_t upload_ms = 600'000;
// As long as Salesforce keeps a job itself.
constexpr std::int64_t remembered_ms = std::int64_t{7} * 24 * 3600 * 1000;

failure bad_input(std::string message) { return failure(SLUICE_INVALID_INPUT, std::move(message)); }

json description_of(const json& input) {
    const std::string& object = checked_name(required_string(input, "object"), "object");
    const std::string& operation = required_string(input, "operation");
    bool known = false;
    for (const char* const one : {"insert", "update", "upsert", "delete", "hardDelete"})
        known = known || operation == one;
    if (!known) {
        throw bad_input("'operation' must be insert, update, upsert, delete or hardDelete");
    }
    json job{{"object", object}, {"operation", operation}, {"contentType", "CSV"}};
    if (operation == "upsert") {
        const std::string& field = required_string(input, "externalIdField");
        job.set("externalIdFieldName", checked_name(field, "externalIdField"));
    }
    set_csv_format(job, input);
    return job;
}

blob file_of(const context& ctx, const json& input) {
    blob file = ctx.find_blob(required_object(input, "file"));
    if (file.size() == 0) throw bad_input("'file' is empty");
    if (file.size() > largest_file) {
        throw bad_input("'file' has " + std::to_string(file.size()) +
                        " bytes; Salesforce takes 100 MB in one job, so split it");
    }
    return file;
}

// One of 256 values of the flow's state, each with the jobs of the steps that fall to it, so that
// they stay small and many steps at the same time do not wait for each other.
struct memory_place {
    std::string key;
    std::string step;

    explicit memory_place(const context& ctx) : step(step_hash(ctx, "bulkIngest")) {
        key = "salesforce.bulkIngest." + step.substr(0, 2);
    }
};

// The job that an earlier try of the same step made; empty when there is none.
task<std::string> earlier_job(const context& ctx) {
    const memory_place place(ctx);
    const std::optional<state_entry> found = co_await ctx.state().get(place.key);
    co_return found ? found->value[place.step].get_or("job", "") : std::string();
}

task<bool> remember_job(const context& ctx, std::string job) {
    const memory_place place(ctx);
    const std::int64_t now = ctx.now().time_since_epoch().count();
    constexpr int tries = 20;  // against others who remember at the same time
    for (int i = 0; i < tries; ++i) {
        const std::optional<state_entry> found = co_await ctx.state().get(place.key);
        json jobs = json::object();
        jobs.set(place.step, json{{"job", job}, {"at", now}});
        const json before = found ? found->value : json::object();
        for (const auto& [step, one] : before.members()) {
            const bool is_old = now - one.get_or("at", std::int64_t{0}) > remembered_ms;
            if (step != place.step && !is_old) jobs.set(step, one);
        }
        const std::uint64_t version = found ? found->version : 0;
        const bool kept = co_await ctx.state().compare_and_set(place.key, version, jobs);
        if (kept) co_return true;
    }
    co_return false;
}

json result_of(const json& job, bool resumed) {
    return json{{"job", job["id"]}, {"state", job["state"]}, {"resumed", resumed}};
}

}  // namespace

task<json> connector::bulk_ingest(context& ctx, const json& input) {
    const api salesforce(ctx);
    const json wanted = description_of(input);
    const blob file = file_of(ctx, input);
    const url jobs = jobs_address(salesforce, "ingest");

    task<std::string> looked_up = earlier_job(ctx);
    const std::string earlier = co_await looked_up;
    if (!earlier.empty()) {
        json job;
        try {
            task<json> asked = salesforce.get(jobs / earlier);
            job = co_await asked;
        } catch (const failure& why) {
            if (why.code() != SLUICE_NOT_FOUND) throw;
        }
        const std::string state = job.get_or("state", "");
        if (state != "Open" && state != "Aborted" && !state.empty()) co_return result_of(job, true);
        if (state == "Open") {
            // Whether its file is whole is not known, and there is no second upload.
            task<json> aborted = salesforce.write("PATCH", jobs / earlier, {{"state", "Aborted"}});
            co_await aborted;
        }
    }

    task<json> made = salesforce.write("POST", jobs, wanted);
    const json job = co_await made;
    const std::string id = checked_id(job.get_or("id", ""), "the new job's id");
    task<bool> noted = remember_job(ctx, id);
    if (!co_await noted) {
        throw failure(SLUICE_UNAVAILABLE, "the new job's id could not be remembered");
    }
    http_request upload = salesforce.request("PUT", (jobs / id).path("/batches"));
    upload.blob_body(file, "text/csv; charset=UTF-8").timeout_ms(upload_ms);
    task<http_response> sent = salesforce.send(std::move(upload));
    co_await sent;
    task<json> closed = salesforce.write("PATCH", jobs / id, {{"state", "UploadComplete"}});
    const json ready = co_await closed;
    co_return result_of(ready, false);
}

task<json> connector::bulk_results(context& ctx, const json& input) {
    const api salesforce(ctx);
    const std::string& job = checked_id(required_string(input, "job"), "job");
    const url address = jobs_address(salesforce, "ingest") / job;
    struct kind {
        const char* name;
        const char* path;
    };
    constexpr kind kinds[] = {{"successful", "/successfulResults/"},
                              {"failed", "/failedResults/"},
                              {"unprocessed", "/unprocessedrecords/"}};
    json out = json::object();
    if (!input["which"].is_null()) required_array(input, "which");
    for (const json& wanted : input["which"].items()) {
        bool known = false;
        for (const kind& one : kinds)
            known = known || wanted == json(one.name);
        if (!known) throw bad_input("'which' must be of successful, failed, unprocessed");
    }
    for (const kind& one : kinds) {
        bool wanted = input["which"].is_null();
        for (const json& name : input["which"].items())
            wanted = wanted || name == json(one.name);
        if (!wanted) continue;
        url file = address;
        file.path(one.path);
        task<http_response> fetched = fetch_file(salesforce, file);
        const http_response response = co_await fetched;
        out.set(one.name,
                json{{"file", response.body_blob ? response.body_blob.reference() : json()}});
    }
    co_return out;
}

}  // namespace sluice::salesforce
