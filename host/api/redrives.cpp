#include "api/redrives.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/execution_filter.hpp"
#include "api/page.hpp"
#include "api/replay.hpp"
#include "api/resume.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sluice::api {
namespace {

constexpr std::size_t kept_jobs = 100;
constexpr std::size_t kept_refusals = 20;
constexpr std::int64_t most_executions = 10'000;
constexpr int page = 500;

}  // namespace

struct redrives::job {
    std::string id;
    std::string owner;  // id of the token
    bool replays = true;
    resume_version version = resume_version::same;
    store::history_filter filter;
    std::int64_t limit = 100;
    std::int64_t rate = 10;
    bool dry_run = false;
    std::int64_t started_ms = 0;
    std::string state = "running";      // "done", "stopped"
    std::vector<store::event_id> left;  // the next one last
    std::size_t found = 0;
    std::size_t done = 0;
    std::size_t refused = 0;
    json::value refusals = json::value::array();  // the first ones
    json::value examples = json::value::array();  // of a dry run
};

json::value redrives::json_of(const job& of) {
    return json::value::object({{"id", of.id},
                                {"action", of.replays ? "replay" : "resume"},
                                {"state", of.state},
                                {"started", base::to_rfc3339(of.started_ms)},
                                {"dryRun", of.dry_run},
                                {"rate", of.rate},
                                {"found", of.found},
                                {"done", of.done},
                                {"refused", of.refused},
                                {"refusals", of.refusals},
                                {"executions", of.examples}});
}

void redrives::start(const call& what, const answer_function& answer) {
    const json::value& body = what.body;
    if (!body.is_object()) return answer(problem(400, "the body is an object"));
    auto made = std::make_shared<job>();
    query_parameters given;
    for (const auto& [name, content] : body.members()) {
        if (name == "limit" || name == "rate") {
            if (!content.is_number() || content.number_form() != json::number_form::int64) {
                return answer(problem(400, name + " is a whole number"));
            }
            (name == "limit" ? made->limit : made->rate) = content.as_int64();
        } else if (name == "dryRun") {
            if (!content.is_bool()) return answer(problem(400, "dryRun is true or false"));
            made->dry_run = content.as_bool();
        } else if (name == "dead") {
            if (!content.is_bool()) return answer(problem(400, "dead is true or false"));
            if (content.as_bool()) given.emplace("dead", "true");
        } else if (!content.is_string()) {
            return answer(problem(400, name + " is a text"));
        } else if (name == "action") {
            if (content.as_string() != "replay" && content.as_string() != "resume") {
                return answer(problem(400, "action is \"replay\" or \"resume\""));
            }
            made->replays = content.as_string() == "replay";
        } else if (name == "version") {
            if (content.as_string() != "same" && content.as_string() != "newest") {
                return answer(problem(400, "version is \"same\" or \"newest\""));
            }
            if (content.as_string() == "newest") made->version = resume_version::newest;
        } else if (name == "instance" || name == "customer" || name == "flow" || name == "state" ||
                   name == "from" || name == "to" || name == "text") {
            given.emplace(name, content.as_string());
        } else {
            return answer(problem(400, "there is no member \"" + name + "\" here"));
        }
    }
    if (made->limit < 1 || made->limit > most_executions) {
        return answer(problem(400, "limit is a number from 1 to 10000"));
    }
    if (made->rate < 1 || made->rate > 100) {
        return answer(problem(400, "rate is a number from 1 to 100, of executions a second"));
    }
    base::result<store::history_filter> filter = filter_of(given, what.view, ports_.deployments);
    if (!filter) return answer(problem_of(filter.error_value()));
    if (!filter->state && !filter->dead) {
        return answer(problem(400, "say which ones: a state, or dead"));
    }
    if (filter->state && !store::is_terminal(*filter->state)) {
        return answer(problem(400, "only what is over can go on or be replayed"));
    }
    made->filter = std::move(*filter);
    made->owner = what.caller.id;
    made->started_ms = ports_.clock.unix_ms();
    made->id = "r" + base::execution_id_text(ports_.ids.next()).substr(1);
    jobs_.emplace(made->id, made);
    // Ids count up with time: the first is the oldest.
    if (jobs_.size() > kept_jobs) jobs_.erase(jobs_.begin());
    collect(made, answer);
}

// The newest that fit, up to the limit; they are redriven oldest first.
void redrives::collect(const job_ptr& of, const answer_function& answer) {
    of->filter.limit = static_cast<int>(
        std::min<std::int64_t>(page, of->limit - static_cast<std::int64_t>(of->left.size())));
    ports_.run_blocking([this, of, answer, filter = of->filter] {
        auto found = std::make_shared<base::result<std::vector<store::execution_summary>>>(
            ports_.store.history(filter));
        ports_.loop.post([this, of, answer, found] {
            if (!*found) {
                of->state = "stopped";
                return answer(problem_of(found->error_value()));
            }
            for (const store::execution_summary& one : found->value()) {
                of->left.push_back(one.id);
                of->filter.before = one.id;
            }
            const bool more = found->value().size() == static_cast<std::size_t>(of->filter.limit);
            if (more && static_cast<std::int64_t>(of->left.size()) < of->limit) {
                return collect(of, answer);
            }
            of->found = of->left.size();
            if (of->dry_run) {
                for (auto id = of->left.rbegin(); id != of->left.rend(); ++id) {
                    if (of->examples.size() < 1000) of->examples.push(base::execution_id_text(*id));
                }
                of->left.clear();
            }
            if (of->left.empty()) of->state = "done";
            answer(json_reply(202, json_of(*of), of->id));
            if (!of->left.empty()) next(of);
        });
    });
}

void redrives::next(const job_ptr& of) {
    if (of->state != "running" || of->left.empty()) return;
    const store::event_id id = of->left.back();
    of->left.pop_back();
    ports_.loop.run_after(1000 / of->rate, [this, of] { next(of); });
    ports_.run_blocking([this, of, id] {
        auto found =
            std::make_shared<base::result<store::execution_detail>>(ports_.store.execution(id));
        ports_.loop.post([this, of, id, found] {
            if (!*found) return told(of, id, found->error_value());
            redrive(of, found->value());
        });
    });
}

void redrives::redrive(const job_ptr& of, const store::execution_detail& one) {
    const store::event_id id = one.summary.id;
    if (of->replays) {
        return replay_execution(ports_, one,
                                [this, of, id](const base::result<store::new_event>& made) {
                                    if (!made) return told(of, id, made.error_value());
                                    told(of, id, base::execution_id_text(made->id));
                                });
    }
    resume_execution(ports_, std::make_shared<store::execution_detail>(one), of->version,
                     [this, of, id](const base::result<std::vector<store::event_id>>& made) {
                         if (!made) return told(of, id, made.error_value());
                         told(of, id, base::execution_id_text(id));
                     });
}

void redrives::told(const job_ptr& of, store::event_id id,
                    const base::result<std::string>& outcome) {
    ++(outcome ? of->done : of->refused);
    if (of->state == "running" && of->done + of->refused == of->found) of->state = "done";
    if (outcome || of->refusals.size() >= kept_refusals) return;
    of->refusals.push(json::value::object(
        {{"execution", base::execution_id_text(id)}, {"why", outcome.error_value().message}}));
}

redrives::job_ptr redrives::find(const call& what) const {
    const auto found = jobs_.find(what.path.find("id")->second);
    if (found == jobs_.end()) return nullptr;
    const bool own = found->second->owner == what.caller.id;
    return own || !what.caller.bound() ? found->second : nullptr;
}

void redrives::list(const call& what, const answer_function& answer) const {
    json::value items = json::value::array();
    for (auto one = jobs_.rbegin(); one != jobs_.rend(); ++one) {
        if (!what.caller.bound() || one->second->owner == what.caller.id) {
            items.push(json_of(*one->second));
        }
    }
    answer(json_reply(200, page_of(std::move(items), "")));
}

void redrives::show(const call& what, const answer_function& answer) const {
    const job_ptr found = find(what);
    if (!found) return answer(problem(404, "there is no such thing"));
    answer(json_reply(200, json_of(*found)));
}

void redrives::stop(const call& what, const answer_function& answer) {
    const job_ptr found = find(what);
    if (!found) return answer(problem(404, "there is no such thing"));
    if (found->state == "running") found->state = "stopped";
    answer(json_reply(200, json_of(*found)));
}

}  // namespace sluice::api
