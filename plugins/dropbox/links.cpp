#include <string>
#include <utility>

#include "api.hpp"
#include "dropbox.hpp"

namespace sluice::dropbox {
namespace {

json settings_of(const json& input) {
    json settings = json::object();
    copy_member(settings, input, "audience", "audience");
    copy_member(settings, input, "access", "access");
    copy_member(settings, input, "expires", "expires");
    copy_member(settings, input, "allowDownload", "allow_download");
    if (!input["password"].is_null()) {
        settings.set("require_password", true);
        settings.set("link_password", required_string(input, "password"));
    }
    return settings;
}

task<json> find_link(const api& dropbox, std::string path) {
    const json argument{{"path", path}, {"direct_only", true}};
    task<json> asked = dropbox.call("sharing/list_shared_links", argument);
    const json found = co_await asked;
    co_return found["links"][0];
}

}  // namespace

task<json> connector::create_shared_link(context& ctx, const json& input) {
    const api dropbox(ctx);
    const std::string path = required_string(input, "path");
    json argument{{"path", path}};
    if (json settings = settings_of(input); !settings.empty()) {
        argument.set("settings", std::move(settings));
    }
    task<answer> asked = dropbox.ask("sharing/create_shared_link_with_settings", argument);
    const answer told = co_await asked;
    if (!told.why.begins("shared_link_already_exists")) {
        const json made = told.result();
        co_return json{{"link", made}, {"created", true}};
    }
    json there = told.why.error["shared_link_already_exists"]["metadata"];
    if (there.is_null()) {
        task<json> looking = find_link(dropbox, path);
        there = co_await looking;
    }
    if (there.is_null()) told.result();  // it exists, but cannot be shown
    co_return json{{"link", there}, {"created", false}};
}

task<json> connector::list_shared_links(context& ctx, const json& input) {
    const api dropbox(ctx);
    json argument = json::object();
    copy_member(argument, input, "path", "path");
    copy_member(argument, input, "directOnly", "direct_only");
    copy_member(argument, input, "cursor", "cursor");
    task<json> asked = dropbox.call("sharing/list_shared_links", argument);
    const json found = co_await asked;
    if (!found["links"].is_array()) {
        throw failure(SLUICE_UNAVAILABLE, "Dropbox answered a list without links");
    }
    co_return json{{"items", found["links"]},
                   {"cursor", found["cursor"]},
                   {"more", found.get_or("has_more", false)}};
}

}  // namespace sluice::dropbox
