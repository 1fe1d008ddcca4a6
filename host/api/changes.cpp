#include "api/changes.hpp"

#include <memory>
#include <utility>
#include <vector>

#include "api/instances.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

json::value json_of(const base::error& one) {
    json::value out = json::value::object({{"message", one.message}});
    if (!one.hint.empty()) out.set("hint", one.hint);
    if (!one.where) return out;
    out.set("file", one.where->file);
    if (one.where->line > 0) out.set("line", one.where->line);
    if (one.where->column > 0) out.set("column", one.where->column);
    return out;
}

json::value list_of(const std::vector<base::error>& all) {
    json::value out = json::value::array();
    for (const base::error& one : all)
        out.push(json_of(one));
    return out;
}

json::value list_of(const std::vector<instance::planned>& all) {
    json::value out = json::value::array();
    for (const instance::planned& one : all) {
        json::value details = json::value::array();
        for (const std::string& sentence : one.details)
            details.push(sentence);
        out.push(json::value::object({{"object", one.object},
                                      {"kind", to_string(one.kind)},
                                      {"change", to_string(one.change)},
                                      {"details", std::move(details)}}));
    }
    return out;
}

// For the audit log: "acme, other and 480 more".
std::string changed_objects(const std::vector<instance::planned>& plan) {
    constexpr std::size_t most = 20;
    std::string out;
    std::size_t count = 0;
    for (const instance::planned& one : plan) {
        if (one.change == instance::planned::change_kind::none) continue;
        if (count++ < most) out += (out.empty() ? "" : ", ") + one.object;
    }
    return count > most ? out + " and " + std::to_string(count - most) + " more" : out;
}

bool is_for_the_log(const base::error& one) {
    return one.code == base::error_code::internal || one.code == base::error_code::unavailable;
}

base::error not_its_own() { return base::make_error(base::error_code::not_found, ""); }

// What a bound token could not read before, it must not come to read through the host.
base::result<void> keeps_references(const json::value& wanted, const json::value& now) {
    const auto before = manifest::references_of(now);
    for (const auto& [pointer, reference] : manifest::references_of(wanted)) {
        const auto same = before.find(pointer);
        if (same != before.end() && same->second == reference) continue;
        return base::make_error(
            base::error_code::auth,
            "a token that is bound to a tenant leaves references to files and variables as they "
            "are; the one at " +
                pointer + " is new");
    }
    return {};
}

// Who begins to share a connection works with an account that was not its own: that is for those
// whose connection it is.
base::result<void> keeps_sharing(const token_facts& caller, const manifest::instance_file& wanted,
                                 const manifest::instance_file& now) {
    for (const auto& [name, given] : wanted.connections) {
        const auto of = manifest::parse_shared(given.shared);
        if (!of) continue;
        const auto before = now.connections.find(name);
        if (before != now.connections.end() && before->second.shared == given.shared) continue;
        if (!caller.customer.empty() && !of->of_organization) continue;
        return base::make_error(base::error_code::auth,
                                "the token does not reach " + given.shared + ", so it cannot let " +
                                    name + " share it; what is shared already may stay");
    }
    return {};
}

// A bound token changes its own instances and brings none: that the name of a new one is taken
// would tell of others.
base::result<void> may_apply(const token_facts& caller, const tenant_view& view,
                             const manifest::instance_file& wanted,
                             const instance::kept_instance* now) {
    const bool its_own = now != nullptr && view.sees(wanted.name) &&
                         wanted.customer == now->file.customer &&
                         wanted.integration == now->file.integration;
    if (!its_own) return not_its_own();
    if (auto kept = keeps_references(wanted.document, now->file.document); !kept) return kept;
    return keeps_sharing(caller, wanted, now->file);
}

// The record of its customer changes who is bound to that one; it brings none, as above.
base::result<void> may_share(const token_facts& caller, const tenant_view& view,
                             const manifest::owner_file& wanted, const manifest::owner_file* now) {
    if (wanted.is_organization()) {
        return base::make_error(
            base::error_code::auth,
            "the token is bound to a tenant, and the organization is for all of them");
    }
    if (!caller.instance.empty()) {
        return base::make_error(base::error_code::auth,
                                "the token is bound to an instance, and customers are not its own");
    }
    if (now == nullptr || !view.sees_customer(wanted.customer)) return not_its_own();
    return keeps_references(wanted.document, now->document);
}

base::result<std::vector<instance::document>> documents_of(const json::value& body) {
    const auto wrong = [] {
        return base::make_error(base::error_code::invalid_input,
                                "documents is a list of {name, text}");
    };
    const json::value& given = body.get("documents");
    if (!given.is_array()) return wrong();
    std::vector<instance::document> out;
    for (const json::value& one : given.items()) {
        if (!one.is_object() || !one.get("name").is_string() || !one.get("text").is_string()) {
            return wrong();
        }
        out.push_back({one.get("name").as_string(), one.get("text").as_string()});
    }
    return out;
}

instance::change_request request_of(const call& what) {
    instance::change_request out;
    if (!what.caller.bound()) return out;
    out.may_bring_integrations = false;
    out.may = [caller = what.caller, view = what.view](const manifest::instance_file& wanted,
                                                       const instance::kept_instance* now) {
        return may_apply(caller, view, wanted, now);
    };
    out.may_share = [caller = what.caller, view = what.view](const manifest::owner_file& wanted,
                                                             const manifest::owner_file* now) {
        return may_share(caller, view, wanted, now);
    };
    return out;
}

// The edit, refused where the same in a document would be.
instance::edit allowed(instance::edit how, decltype(instance::change_request::may) may) {
    return [how = std::move(how), may = std::move(may)](
               const instance::kept_instance& now, const manifest::integration& runs,
               const instance::release_list& releases) -> base::result<instance::kept_instance> {
        base::result<instance::kept_instance> after = how(now, runs, releases);
        if (!after) return after;
        if (auto checked = may(after->file, &now); !checked) return checked.error_value();
        return after;
    };
}

}  // namespace

reply refused(const std::vector<base::error>& problems) {
    for (const base::error& one : problems) {
        if (is_for_the_log(one)) return problem_of(one);
    }
    const base::error& first = problems.front();
    if (first.code == base::error_code::not_found && !first.where && first.message.empty()) {
        return problem_of(first);  // not the caller's
    }
    if (first.code == base::error_code::auth) return problem(403, first.message);
    const bool conflict = first.code == base::error_code::conflict && !first.where;
    const std::string detail =
        problems.size() == 1 ? first.message : std::to_string(problems.size()) + " problems";
    const int status = conflict ? 409 : 422;
    reply out = problem(status, detail);
    json::value body = json::parse(out.response.body).value();
    body.set("problems", list_of(problems));
    out.response.body = json::to_text(body);
    return out;
}

void apply_documents(const api_ports& ports, const call& what, const answer_function& answer) {
    const json::value& body = what.body;
    if (!body.is_object()) return answer(problem(400, "the body is {documents, dryRun}"));
    if (auto known = only_members(body, {"documents", "dryRun"}); !known) {
        return answer(problem_of(known.error_value()));
    }
    auto documents = documents_of(body);
    if (!documents) return answer(problem_of(documents.error_value()));
    instance::change_request request = request_of(what);
    request.documents = std::move(*documents);
    request.dry_run = body.bool_or("dryRun", false);
    const bool dry_run = request.dry_run;
    ports.changes.make(std::move(request), [answer, dry_run](instance::change_result result) {
        if (!result.ok()) return answer(refused(result.problems));
        answer(json_reply(200,
                          json::value::object({{"applied", !dry_run},
                                               {"plan", list_of(result.plan)},
                                               {"warnings", list_of(result.warnings)}}),
                          dry_run ? "only a plan" : changed_objects(result.plan)));
    });
}

void change_instance(const api_ports& ports, const call& what, instance::edit how,
                     const answer_function& answer) {
    const std::string name = what.path.find("name")->second;
    instance::change_request request = request_of(what);
    if (request.may) how = allowed(std::move(how), request.may);
    request.edits.emplace(name, std::move(how));
    ports.changes.make(std::move(request), [&ports, answer, name](instance::change_result result) {
        if (!result.ok()) return answer(refused(result.problems));
        // A removal without undeploy flows may be over by now.
        const auto found = ports.deployments.find_instance(name);
        const instance::deployment_record* const record = ports.lifecycle.record(name);
        const json::value out = json::value::object(
            {{"name", name},
             {"version", found ? json::value(found->version) : json::value()},
             {"state", record == nullptr ? "removed" : to_string(record->state)},
             {"plan", list_of(result.plan)}});
        answer(json_reply(202, out));
    });
}

void upgrade_instance(const api_ports& ports, const call& what, const answer_function& answer) {
    std::string version;
    if (!what.body.is_null()) {
        if (auto known = only_members(what.body, {"version"}); !known) {
            return answer(problem_of(known.error_value()));
        }
        const json::value& given = what.body.get("version");
        if (!given.is_string() && !given.is_null()) {
            return answer(problem(400, "version is a text such as 1.2.0"));
        }
        version = what.body.string_or("version", "");
    }
    change_instance(ports, what, instance::upgrade(std::move(version)), answer);
}

void change_config(const api_ports& ports, const call& what, const answer_function& answer) {
    if (!what.body.is_object()) return answer(problem(400, "the body is {values: {NAME: value}}"));
    if (auto known = only_members(what.body, {"values"}); !known) {
        return answer(problem_of(known.error_value()));
    }
    const json::value& values = what.body.get("values");
    if (!values.is_object()) return answer(problem(400, "values is an object: {NAME: value}"));
    change_instance(ports, what, instance::set_config(values), answer);
}

}  // namespace sluice::api
