#include "instance/fingerprint.hpp"

#include <span>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::instance {
namespace {

// References and addresses stay; other values become null.
json::value without_secrets(const json::value& content) {
    if (!manifest::reference_kind(content).empty()) return content;
    if (content.is_object()) {
        std::vector<json::member> members;
        for (const auto& [name, member] : content.members())
            members.emplace_back(name, name == "type" ? member : without_secrets(member));
        return json::value::object(std::move(members));
    }
    if (content.is_array()) {
        std::vector<json::value> items;
        for (const json::value& item : content.items())
            items.push_back(without_secrets(item));
        return json::value::array(std::move(items));
    }
    if (!content.is_string()) return {};
    const std::string& text = content.as_string();
    const bool address = text.starts_with("http://") || text.starts_with("https://");
    return address ? content : json::value();
}

}  // namespace

std::string fingerprint_of(const manifest::integration& integration, const json::value& document,
                           const std::string& public_url) {
    json::value shown = document;
    json::value config = document.get("config");
    for (const json::member& each : document.get("config").is_object()
                                        ? document.get("config").members()
                                        : std::span<const json::member>()) {
        const auto declared =
            integration.config.find(manifest::current_config_name(integration, each.first));
        if (declared != integration.config.end() && declared->second.secret()) {
            config.set(each.first, without_secrets(each.second));
        }
    }
    shown.set("config", std::move(config));
    shown.set("connections", without_secrets(document.get("connections")));
    const json::value all = json::value::array({integration.hash, public_url, std::move(shown)});
    return base::to_hex(base::sha256(json::to_text(all)));
}

json::value with_absolute_files(const json::value& document, const std::filesystem::path& folder) {
    if (const auto kind = manifest::reference_kind(document); !kind.empty()) {
        if (kind != "$file") return document;
        const std::filesystem::path path = document.get("$file").as_string();
        return json::value::object(
            {{"$file", std::filesystem::weakly_canonical(folder / path).string()}});
    }
    if (document.is_object()) {
        std::vector<json::member> members;
        for (const auto& [name, member] : document.members())
            members.emplace_back(name, with_absolute_files(member, folder));
        return json::value::object(std::move(members));
    }
    if (document.is_array()) {
        std::vector<json::value> items;
        for (const json::value& item : document.items())
            items.push_back(with_absolute_files(item, folder));
        return json::value::array(std::move(items));
    }
    return document;
}

}  // namespace sluice::instance
