#include "instance/edits.hpp"

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

edit set_paused(bool paused) {
    return [paused](const kept_instance& now, const release_list&) {
        kept_instance out = now;
        out.paused = paused;
        return base::result<kept_instance>(std::move(out));
    };
}

}  // namespace

edit pause() { return set_paused(true); }
edit resume() { return set_paused(false); }

edit remove() {
    return [](const kept_instance& now, const release_list&) {
        kept_instance out = now;
        out.removing = true;
        return base::result<kept_instance>(std::move(out));
    };
}

edit upgrade(std::string version) {
    return [version = std::move(version)](
               const kept_instance& now,
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
    return [](const kept_instance& now, const release_list&) -> base::result<kept_instance> {
        if (!now.previous.empty()) return moved(now, now.previous);
        return cannot("the instance \"" + now.file.name + "\" has had no other version");
    };
}

edit set_config(json::value values) {
    return [values = std::move(values)](const kept_instance& now,
                                        const release_list&) -> base::result<kept_instance> {
        json::value config = now.file.document.get("config");
        if (!config.is_object()) config = json::value::object();
        for (const auto& [name, content] : values.members()) {
            if (content.is_null()) {
                config.erase(name);
            } else {
                config.set(name, content);
            }
        }
        json::value document = now.file.document;
        document.set("config", std::move(config));
        auto read = manifest::parse_instance(json::to_text(document),
                                             "the instance \"" + now.file.name + "\"");
        if (!read.content) return std::move(read.problems.front());
        kept_instance out = now;
        out.file = std::move(*read.content);
        return out;
    };
}

}  // namespace sluice::instance
