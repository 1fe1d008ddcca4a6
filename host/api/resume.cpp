#include "api/resume.hpp"

#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "engine/children.hpp"
#include "engine/resume_plan.hpp"

namespace sluice::api {
namespace {

using detail_ptr = std::shared_ptr<const store::execution_detail>;
using told_function = std::function<void(base::result<std::vector<store::event_id>>)>;

base::error cannot(std::string why) {
    return base::make_error(base::error_code::conflict, std::move(why));
}

// An execution and, one after the other, those that it waits for.
class family : public std::enable_shared_from_this<family> {
  public:
    family(const api_ports& ports, resume_version version, told_function told)
        : ports_(ports), version_(version), told_(std::move(told)) {}

    void add(const store::execution_detail& ended) {
        const store::execution_summary& one = ended.summary;
        base::result<engine::resume_plan> plan = plan_of(ended);
        if (!plan) return told_(plan.error_value());
        store::ready_event event;
        event.id = one.id;
        event.instance = one.instance;
        event.flow = one.flow;
        event.flow_version = plan->change.flow_version;
        event.lane_key = one.lane_key;
        event.accepted_ms = one.accepted_ms;
        event.parent = one.parent;
        event.kind = one.kind;
        event.resumed_ms = plan->change.at_ms;
        ids_.push_back(one.id);
        members_.push_back({std::move(event), std::move(plan->change)});
        for (const store::event_id child : plan->awaited)
            to_read_.insert(child);
        next();
    }

  private:
    base::result<engine::resume_plan> plan_of(const store::execution_detail& ended) {
        const store::execution_summary& one = ended.summary;
        if (one.kind == "deploy" || one.kind == "undeploy") {
            return cannot(
                "what deploys and removes instances is repeated by the host itself, not resumed");
        }
        auto before = ports_.deployments.find(one.instance, one.flow, one.flow_version);
        if (!before) {
            return cannot("the version that the execution ran with is not there any more: " +
                          before.error_value().message);
        }
        auto after = version_ == resume_version::same
                         ? *before
                         : ports_.deployments.current(one.instance, one.flow);
        if (!after) return cannot("the execution's flow is not in the newest version");
        return engine::plan_resume(ended, **before, *after, ports_.clock.unix_ms());
    }

    void next() {
        if (to_read_.empty()) {
            return ports_.engine.resume(std::move(members_),
                                        [self = shared_from_this()](const base::result<void>& how) {
                                            if (!how) return self->told_(how.error_value());
                                            self->told_(self->ids_);
                                        });
        }
        const store::event_id id = *to_read_.begin();
        to_read_.erase(to_read_.begin());
        ports_.run_blocking([self = shared_from_this(), id] {
            auto found = std::make_shared<base::result<store::execution_detail>>(
                self->ports_.store.execution(id));
            self->ports_.loop.post([self, id, found] { self->on_read(id, *found); });
        });
    }

    void on_read(store::event_id id, const base::result<store::execution_detail>& found) {
        const std::string name = base::execution_id_text(id);
        if (!found) {
            return told_(found.error_value().code == base::error_code::not_found
                             ? cannot("its sub-flow's execution " + name + " is not kept any more")
                             : found.error_value());
        }
        const store::execution_summary& child = found->summary;
        if (child.kind != engine::awaited_child || child.state == store::event_state::succeeded) {
            return next();
        }
        if (!store::is_terminal(child.state)) {
            return told_(cannot("its sub-flow's execution " + name + " has not ended yet"));
        }
        add(*found);
    }

    const api_ports& ports_;
    resume_version version_;
    told_function told_;
    std::set<store::event_id> to_read_;
    std::vector<store::event_id> ids_;
    std::vector<engine::resumption> members_;
};

base::result<resume_version> version_of(const json::value& body) {
    const std::string text = body.is_object() ? body.string_or("version", "same") : "same";
    if (text == "same") return resume_version::same;
    if (text == "newest") return resume_version::newest;
    return base::make_error(base::error_code::invalid_input, "version is \"same\" or \"newest\"");
}

}  // namespace

void resume_execution(const api_ports& ports, detail_ptr ended, resume_version version,
                      told_function told) {
    std::make_shared<family>(ports, version, std::move(told))->add(*ended);
}

void resume(const api_ports& ports, const call& what, const answer_function& answer) {
    base::result<resume_version> version = version_of(what.body);
    if (!version) return answer(problem_of(version.error_value()));
    resume_execution(ports, what.execution, *version, [what, answer](auto resumed) {
        if (!resumed) return answer(problem_of(resumed.error_value()));
        json::value ids = json::value::array();
        for (const store::event_id id : *resumed)
            ids.push(base::execution_id_text(id));
        answer(json_reply(
            202, json::value::object({{"execution", ids.at(0)}, {"resumed", std::move(ids)}})));
    });
}

}  // namespace sluice::api
