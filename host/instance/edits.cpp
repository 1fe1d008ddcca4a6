#include "instance/edits.hpp"

#include <filesystem>
#include <utility>

#include "json/text.hpp"

namespace sluice::instance {
namespace {

base::error cannot(std::string why, std::string hint = {}) {
    return base::make_error(base::error_code::conflict, std::move(why), std::move(hint));
}

base::result<kept_instance> moved(const kept_instance& now, const std::string& version) {
    kept_instance out = now;
    if (version == now.version) return out;
    out.previous = now.version;
    out.version = version;
    return out;
}

// Nobody knows to what such a path is relative.
base::result<void> no_relative_files(const json::value& values) {
    for (const auto& [pointer, reference] : manifest::references_of(values)) {
        const json::value* const path = reference.find("$file");
        if (path == nullptr || std::filesystem::path(path->as_string()).is_absolute()) continue;
        return base::make_error(base::error_code::invalid_input,
                                "the path \"" + path->as_string() + "\" in " + pointer +
                                    " is relative, and nobody knows to what",
                                "write it from the root: /etc/...");
    }
    return {};
}

base::result<kept_instance> with_config(const kept_instance& one, json::value config) {
    json::value document = one.file.document;
    document.set("config", std::move(config));
    auto read =
        manifest::parse_instance(json::to_text(document), "the instance \"" + one.file.name + "\"");
    if (!read.content) return std::move(read.problems.front());
    kept_instance out = one;
    out.file = std::move(*read.content);
    return out;
}

edit set_paused(bool paused) {
    return [paused](const kept_instance& now, const auto&, const auto&) {
        kept_instance out = now;
        out.paused = paused;
        return base::result<kept_instance>(std::move(out));
    };
}

}  // namespace

edit pause() { return set_paused(true); }
edit resume() { return set_paused(false); }

edit remove() {
    return [](const kept_instance& now, const auto&, const auto&) {
        kept_instance out = now;
        out.removing = true;
        return base::result<kept_instance>(std::move(out));
    };
}

edit upgrade(std::string version) {
    return [version = std::move(version)](
               const kept_instance& now, const manifest::integration&,
               const release_list& releases) -> base::result<kept_instance> {
        const release* const to =
            version.empty() ? releases.newest() : releases.find_version(version);
        if (to != nullptr) return moved(now, to->hash);
        std::string known;
        for (const release& one : releases.all())
            known += (known.empty() ? "" : ", ") + one.version;
        return cannot("there is no version " + version + " of " + now.file.integration + " here",
                      "there are " + known);
    };
}

edit roll_back() {
    return [](const kept_instance& now, const auto&, const auto&) -> base::result<kept_instance> {
        if (!now.previous.empty()) return moved(now, now.previous);
        return cannot("the instance \"" + now.file.name + "\" has had no other version");
    };
}

edit set_config(json::value values) {
    return [values = std::move(values)](const kept_instance& now, const manifest::integration& runs,
                                        const auto&) -> base::result<kept_instance> {
        if (auto checked = no_relative_files(values); !checked) return checked.error_value();
        json::value config = now.file.document.get("config");
        if (!config.is_object()) config = json::value::object();
        for (const auto& [name, content] : values.members()) {
            for (const auto& [former, current] : runs.renamed_config) {
                if (current == name) config.erase(former);
            }
            if (content.is_null()) {
                config.erase(name);
            } else {
                config.set(name, content);
            }
        }
        return with_config(now, std::move(config));
    };
}

base::result<kept_instance> with_names_of(const kept_instance& one,
                                          const manifest::integration& before,
                                          const manifest::integration& after) {
    json::value config = one.file.document.get("config");
    bool changed = false;
    for (const auto& [former, current] : before.renamed_config) {
        const json::value* const given = config.find(current);
        if (given == nullptr || after.config.contains(current) || !after.config.contains(former))
            continue;
        config.set(former, json::value(*given));
        config.erase(current);
        changed = true;
    }
    return changed ? with_config(one, std::move(config)) : one;
}

}  // namespace sluice::instance
