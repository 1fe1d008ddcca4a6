#include "instance/change_plan.hpp"

#include <set>
#include <utility>
#include <variant>

#include "instance/fingerprint.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using change_kind = planned::change_kind;
constexpr std::size_t longest_value = 60;

std::string quoted(const std::string& text) { return '"' + text + '"'; }

// Of a value that may be shown.
std::string shown(const json::value* content) {
    if (content == nullptr) return "nothing";
    std::string text = json::to_text(*content);
    return text.size() <= longest_value ? text : "something longer";
}

std::set<std::string> names_of(const json::value& a, const json::value& b) {
    std::set<std::string> out;
    for (const json::value* const each : {&a, &b}) {
        if (!each->is_object()) continue;
        for (const auto& [name, ignored] : each->members())
            out.insert(name);
    }
    return out;
}

// A sentence for each connection that is not what it was.
std::vector<std::string> changed_connections(const json::value& before, const json::value& after) {
    std::vector<std::string> out;
    for (const std::string& name : names_of(before, after)) {
        const json::value* const was = before.find(name);
        const json::value* const is = after.find(name);
        if (was != nullptr && is != nullptr && *was == *is) continue;
        out.push_back("the connection " + name +
                      (was == nullptr  ? " is new"
                       : is == nullptr ? " goes"
                                       : " changes"));
    }
    return out;
}

std::vector<std::string> deploy_flows(const manifest::integration& of) {
    std::vector<std::string> out;
    for (const manifest::flow& flow : of.flows) {
        if (std::holds_alternative<manifest::deploy_trigger>(flow.trigger))
            out.push_back(flow.name);
    }
    return out;
}

class comparison {
  public:
    explicit comparison(const planned_instance& one) : one_(one) {
        out_.object = one.after.file.name;
    }

    planned run() {
        if (one_.before == nullptr) {
            out_.change = change_kind::create;
            note("customer " + quoted(one_.after.file.customer) + " gets " + version_text());
        } else {
            compare();
        }
        if (out_.change == change_kind::none && one_.failed) {
            out_.change = change_kind::update;
            note("its last deployment failed and is tried again");
        }
        if (out_.change != change_kind::none && runs_deploy_flows()) {
            std::string names;
            for (const std::string& flow : deploy_flows(one_.version))
                names += (names.empty() ? "" : ", ") + flow;
            if (!names.empty()) note("its deploy flows run: " + names);
        }
        return std::move(out_);
    }

  private:
    void note(std::string sentence) { out_.details.push_back(std::move(sentence)); }
    void change(std::string sentence) {
        if (out_.change == change_kind::none) out_.change = change_kind::update;
        note(std::move(sentence));
    }
    std::string version_text() const { return one_.version.id + ' ' + one_.version.version; }

    void compare() {
        const kept_instance& before = *one_.before;
        const kept_instance& after = one_.after;
        if (before.version != after.version) {
            out_.change = change_kind::upgrade;
            const std::string from =
                one_.before_version == nullptr
                    ? "a version that is not known"
                    : one_.before_version->id + ' ' + one_.before_version->version;
            note(from == version_text() ? "it moves to the changed " + version_text()
                                        : "it moves from " + from + " to " + version_text());
        }
        if (before.removing != after.removing) {
            change(after.removing ? "it is removed: its undeploy flows run, then it is forgotten"
                                  : "its removal is called off");
        }
        if (before.paused != after.paused) {
            change(after.paused ? "it is paused: nothing of it starts" : "it goes on");
        }
        if (before.file.customer != after.file.customer) {
            change("its customer is " + quoted(after.file.customer) + ", not " +
                   quoted(before.file.customer) + " any more");
        }
        compare_config(before.file.document.get("config"), after.file.document.get("config"));
        for (std::string& sentence : changed_connections(before.file.document.get("connections"),
                                                         after.file.document.get("connections"))) {
            change(std::move(sentence));
        }
        compare_sharing(before.file.connections, after.file.connections);
    }

    // The documents are those that are deployed: whose a connection is does not stand there.
    using connections = decltype(manifest::instance_file::connections);
    void compare_sharing(const connections& before, const connections& after) {
        for (const auto& [name, given] : after) {
            const auto old = before.find(name);
            const std::string was = old == before.end() ? std::string() : old->second.shared;
            if (was == given.shared) continue;
            change("the connection " + name +
                   (given.shared.empty() ? " is the instance's own again"
                                         : " is shared: " + given.shared));
        }
    }

    void compare_config(const json::value& before, const json::value& after) {
        for (const std::string& name : names_of(before, after)) {
            const json::value* const was = before.find(name);
            const json::value* const is = after.find(name);
            if (was != nullptr && is != nullptr && *was == *is) continue;
            const auto declared = one_.version.config.find(name);
            const bool secret = declared == one_.version.config.end() || declared->second.secret();
            change("config." + name +
                   (secret ? " changes" : " is " + shown(is) + ", not " + shown(was)));
        }
    }

    bool runs_deploy_flows() const {
        if (one_.after.removing) return false;
        if (one_.before == nullptr || one_.before_version == nullptr || one_.failed) return true;
        if (one_.before->removing) return true;
        return fingerprint_of(*one_.before_version, one_.before->file.document, {}) !=
               fingerprint_of(one_.version, one_.after.file.document, {});
    }

    const planned_instance& one_;
    planned out_;
};

}  // namespace

const char* to_string(planned::kind_of kind) {
    switch (kind) {
        case planned::kind_of::integration:
            return "integration";
        case planned::kind_of::customer:
            return "customer";
        case planned::kind_of::organization:
            return "organization";
        case planned::kind_of::instance:
            return "instance";
    }
    return "unknown";
}

const char* to_string(planned::change_kind change) {
    switch (change) {
        case change_kind::none:
            return "none";
        case change_kind::create:
            return "create";
        case change_kind::update:
            return "update";
        case change_kind::upgrade:
            return "upgrade";
    }
    return "unknown";
}

planned plan_of(const manifest::integration& applied, const release_list& before) {
    planned out;
    out.kind = planned::kind_of::integration;
    out.object = applied.id;
    const release* const newest = before.newest();
    if (newest == nullptr) {
        out.change = change_kind::create;
        out.details.push_back("version " + applied.version + " is new here");
    } else if (newest->hash != applied.hash) {
        out.change = change_kind::update;
        if (before.find_hash(applied.hash) != nullptr) {
            out.details.push_back("version " + applied.version + " is the newest again, before " +
                                  newest->version);
        } else if (newest->version == applied.version) {
            out.details.push_back("its content changes; its version is still " + applied.version);
        } else {
            out.details.push_back("version " + applied.version + " comes after " + newest->version);
        }
        out.details.push_back("instances whose files are not applied with it stay as they are");
    }
    return out;
}

planned plan_of(const manifest::owner_file& applied, const manifest::owner_file* before) {
    planned out;
    out.kind =
        applied.is_organization() ? planned::kind_of::organization : planned::kind_of::customer;
    out.object = applied.customer;
    const json::value nothing;
    if (before == nullptr) {
        out.change = change_kind::create;
        out.details.push_back(applied.title.empty() ? "it has no title"
                                                    : "its title is " + quoted(applied.title));
    } else {
        if (before->title != applied.title)
            out.details.push_back("its title is " + quoted(applied.title) + ", not " +
                                  quoted(before->title) + " any more");
        if (before->labels != applied.labels) {
            out.details.push_back("its labels are " + shown(&applied.labels) + ", not " +
                                  shown(&before->labels));
        }
    }
    for (std::string& sentence :
         changed_connections(before == nullptr ? nothing : before->document.get("connections"),
                             applied.document.get("connections"))) {
        out.details.push_back(std::move(sentence));
    }
    if (before != nullptr && !out.details.empty()) out.change = change_kind::update;
    return out;
}

planned plan_of(const planned_instance& one) { return comparison(one).run(); }

}  // namespace sluice::instance
