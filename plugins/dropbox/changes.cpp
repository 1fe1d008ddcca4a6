#include <algorithm>
#include <chrono>
#include <sluice/option.hpp>

#include "api.hpp"
#include "dropbox.hpp"
#include "listing.hpp"

namespace sluice::dropbox {
namespace {

bool begins_with_what_is_there(const json& input, const char* key, const char* usual) {
    const std::string choice = input.get_or(key, usual);
    if (choice == "existing" || choice == "relist") return true;
    if (choice == "now") return false;
    throw failure(SLUICE_INVALID_INPUT, std::string("'") + key + "' cannot be '" + choice + "'");
}

// The first page: everything that is there, or nothing but the place from which changes count.
task<json> begin_listing(const api& dropbox, const json& input, bool existing) {
    const json argument = listing_argument(input);
    if (existing) {
        task<json> asked = dropbox.call("files/list_folder", argument);
        const json found = co_await asked;
        co_return page_of_entries(found, input);
    }
    task<json> asked = dropbox.call("files/list_folder/get_latest_cursor", argument);
    const json found = co_await asked;
    const json cursor = required_string(found, "cursor");
    co_return json{{"items", json::array()}, {"cursor", cursor}, {"more", false}};
}

}  // namespace

task<json> connector::list_changes(context& ctx, const json& input) {
    const api dropbox(ctx);
    if (input["cursor"].is_null()) {
        const bool existing = begins_with_what_is_there(input, "start", "now");
        task<json> begun = begin_listing(dropbox, input, existing);
        json page = co_await begun;
        co_return std::move(page).set("reset", false);
    }
    const bool fails = input.get_or("onReset", "") == "fail";
    const bool relists = fails || begins_with_what_is_there(input, "onReset", "relist");
    const json argument{{"cursor", required_string(input, "cursor")}};
    task<answer> asked = dropbox.ask("files/list_folder/continue", argument);
    const answer found = co_await asked;
    if (fails || !found.why.begins("reset")) {
        co_return page_of_entries(found.result(), input).set("reset", false);
    }
    ctx.log(log_level::warning, "Dropbox has given up the cursor; the listing begins anew");
    task<json> begun = begin_listing(dropbox, input, relists);
    json page = co_await begun;
    co_return std::move(page).set("reset", true);
}

task<json> connector::longpoll(context& ctx, const json& input) {
    const api dropbox(ctx);
    const std::int64_t seconds = int_option(input, "timeout", 30, 30, 480);
    const json argument{{"cursor", required_string(input, "cursor")}, {"timeout", seconds}};
    // Dropbox adds up to 90 seconds by chance, so that not all clients come back at once.
    const auto patience_ms = static_cast<std::uint32_t>((seconds + 90 + 30) * 1000);
    task<answer> asked = dropbox.wait("files/list_folder/longpoll", argument, patience_ms);
    const answer told = co_await asked;
    if (told.why.begins("reset")) {
        co_return json{{"changes", true}, {"reset", true}, {"backoff", nullptr}};
    }
    const json found = told.result();
    const bool changes = found.get_or("changes", false);
    const std::int64_t backoff = std::clamp<std::int64_t>(found.get_or("backoff", 0), 0, 600);
    if (backoff != 0) co_await ctx.sleep(std::chrono::seconds(backoff));
    co_return json{{"changes", changes}, {"reset", false}, {"backoff", found["backoff"]}};
}

}  // namespace sluice::dropbox
