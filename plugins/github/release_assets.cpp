#include <optional>
#include <string>

#include "api.hpp"
#include "file_digests.hpp"
#include "github.hpp"
#include "pages.hpp"

namespace sluice::github {
namespace {

struct upload_try {
    json asset;
    std::optional<failure> taken;  // the name is
};

task<upload_try> try_upload(const api& github, std::string address, blob content,
                            std::string content_type) {
    upload_try tried;
    try {
        task<json> sent = github.upload(std::move(address), content, std::move(content_type));
        tried.asset = co_await sent;
    } catch (const failure& why) {
        if (why.code() != SLUICE_CONFLICT) throw;
        tried.taken = why;
    }
    co_return tried;
}

// GitHub names an asset anew: special characters become periods, and none is at an end. How many
// come of several in a row it does not say, so that one stands for all.
std::string name_at_github(const json& name) {
    const auto stays = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '+';
    };
    std::string out;
    if (!name.is_string()) return out;
    for (const char c : name.as_string()) {
        if (stays(c)) {
            out += c;
        } else if (!out.empty() && !out.ends_with('.')) {
            out += '.';
        }
    }
    if (out.ends_with('.')) out.pop_back();
    return out;
}

// The release's asset of that name, or of what GitHub makes of it; null when there is none.
task<json> find_asset(const api& github, json input) {
    const url list = github.repository(input)
                         .path("/releases")
                         .segment(id_text(input, "release"))
                         .path("/assets");
    const json everything{{"limit", 1000}};
    task<json> collected = collect_items(pages(github, list, everything));
    const json found = co_await collected;
    json renamed;
    for (const json& asset : found["items"].items()) {
        if (asset["name"] == input["name"]) co_return asset;
        if (name_at_github(asset["name"]) == name_at_github(input["name"])) renamed = asset;
    }
    co_return renamed;
}

// What broke off while it was sent stays at GitHub, in the state "starter", and holds the name.
bool is_unfinished(const json& asset) { return asset.get_or("state", "") == "starter"; }

}  // namespace

task<json> connector::upload_release_asset(context& ctx, const json& input) {
    const api github(ctx, tokens_);
    const std::string name = required_string(input, "name");
    url address = github.uploads(input)
                      .path("/releases")
                      .segment(id_text(input, "release"))
                      .path("/assets")
                      .query("name", name);
    if (const std::string label = input.get_or("label", ""); !label.empty()) {
        address.query("label", label);
    }
    const blob content = ctx.find_blob(required_object(input, "file"));
    std::string type = input.get_or("contentType", content.content_type());
    if (type.empty()) type = "application/octet-stream";
    task<upload_try> first = try_upload(github, address, content, type);
    const upload_try tried = co_await first;
    if (!tried.taken) co_return json{{"asset", tried.asset}, {"created", true}};

    task<json> looking = find_asset(github, input);
    const json there = co_await looking;
    if (there.is_null()) throw failure(*tried.taken);
    if (!is_unfinished(there)) {
        task<std::string> hashing = asset_digest(content);
        const std::string digest = co_await hashing;
        if (there["digest"] == json(digest)) {
            co_return json{{"asset", there}, {"created", false}};
        }
        if (!input.get_or("replace", false)) throw failure(*tried.taken);
    }
    const url old = github.repository(input).path("/releases/assets").segment(id_text(there, "id"));
    task<json> removing = github.send("DELETE", old);
    co_await removing;
    task<json> again = github.upload(address, content, type);
    const json made = co_await again;
    co_return json{{"asset", made}, {"created", true}};
}

}  // namespace sluice::github
