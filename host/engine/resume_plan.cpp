#include "engine/resume_plan.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.hpp"
#include "engine/fault.hpp"
#include "engine/journal.hpp"
#include "engine/same_steps.hpp"
#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::engine {
namespace {

using store::step_record;

base::error cannot(std::string why) {
    return base::make_error(base::error_code::conflict, std::move(why));
}

bool only_computes(const step_record& step) {
    return step.ok && (step.kind == "set" || step.kind == "switch");
}

// The execution that a step waits for or waited for; 0: it is no such step.
store::event_id awaited_by(const step_record& step) {
    if (step.kind != "run" || step.output_json.empty()) return 0;
    const base::result<json::value> state = json::parse(step.output_json);
    if (!state || !state->is_object()) return 0;
    return base::parse_execution_id(state->string_or("execution", "")).value_or(0);
}

class planner {
  public:
    explicit planner(const store::execution_detail& ended)
        : steps_(ended.steps), dropped_(steps_.size(), false), error_(ended.summary.error_json) {
        for (std::size_t i = 0; i < steps_.size(); ++i)
            dropped_[i] = steps_[i].kind == begun_call;
        if (ended.summary.state != store::event_state::failed) {
            drop_computed(steps_.size());
            return;
        }
        if (const auto parsed = json::parse(error_)) fault_ = fault::from_json(*parsed);
        std::optional<std::size_t> failed = last_failure(steps_.size(), [this](const auto& step) {
            return step.error_json == error_ || timed_out_around(step);
        });
        if (!failed) drop_computed(steps_.size());
        while (failed)
            failed = drop(*failed);
    }

    bool dropped(std::size_t index) const { return dropped_[index]; }
    // Which waits again for the execution that it waited for.
    std::optional<std::size_t> waits_again() const { return waits_again_; }
    const fault& error() const { return fault_; }

  private:
    template <class Wanted>
    std::optional<std::size_t> last_failure(std::size_t before, const Wanted& wanted) const {
        for (std::size_t i = before; i-- > 0;) {
            if (!steps_[i].ok && !dropped_[i] && wanted(steps_[i])) return i;
        }
        return std::nullopt;
    }

    // The time allowed for a task or the flow around it was over.
    bool timed_out_around(const step_record& step) const {
        if (!manifest::same_error_type(fault_.type, manifest::standard_error_type("timeout"))) {
            return false;
        }
        const std::string& around = fault_.instance;
        return around == "/timeout" || around == "/retry" || step.path.starts_with(around + '/');
    }

    void drop_computed(std::size_t before) {
        for (std::size_t i = before; i-- > 0;) {
            if (dropped_[i]) continue;
            if (!only_computes(steps_[i])) return;
            dropped_[i] = true;
        }
    }

    // Gives the step that this one only passes on, if it does.
    std::optional<std::size_t> drop(std::size_t index) {
        const step_record& step = steps_[index];
        if (awaited_by(step) != 0) {
            waits_again_ = index;
            return std::nullopt;
        }
        dropped_[index] = true;
        // Who decided a fork, is one of its branches.
        if (step.kind == "fork") {
            const std::optional<std::size_t> inside =
                last_failure(index, [&step](const step_record& one) {
                    return one.path.starts_with(step.path + '/') &&
                           one.error_json == step.error_json;
                });
            if (!inside) drop_computed(index);
            return inside;
        }
        drop_computed(index);
        constexpr std::string_view handler = "/catch/do/";
        const std::size_t at = step.path.rfind(handler);
        if (step.kind != "raise" || at == std::string::npos) return std::nullopt;
        const std::string tried = step.path.substr(0, at) + "/try/";
        return last_failure(
            index, [&tried](const step_record& one) { return one.path.starts_with(tried); });
    }

    const std::vector<step_record>& steps_;
    std::vector<bool> dropped_;
    const std::string& error_;
    fault fault_;
    std::optional<std::size_t> waits_again_;
};

// A step as it was recorded when it began to wait.
step_record waiting_again(step_record step) {
    step.ok = true;
    step.error_json.clear();
    step.ended_ms = step.started_ms;
    return step;
}

}  // namespace

base::result<resume_plan> plan_resume(const store::execution_detail& ended,
                                      const bound_flow& before, const bound_flow& after,
                                      std::int64_t now_ms) {
    const store::execution_summary& one = ended.summary;
    if (!store::is_terminal(one.state)) return cannot("the execution is not over");
    if (one.state == store::event_state::succeeded) return cannot("the execution succeeded");
    if (ended.payload_json.empty()) {
        return cannot("the execution's inputs were not kept (record: metadata)");
    }
    const planner plan(ended);
    resume_plan out;
    out.change.event = one.id;
    out.change.flow_version = after.integration->hash;
    out.change.at_ms = now_ms;
    for (std::size_t i = 0; i < ended.steps.size(); ++i) {
        const step_record& step = ended.steps[i];
        out.change.at_ms = std::max(out.change.at_ms, step.ended_ms + 1);
        if (plan.dropped(i)) {
            out.change.forget.emplace_back(step.path, step.item);
            continue;
        }
        if (plan.waits_again() == i) out.change.replace.push_back(waiting_again(step));
        if (const store::event_id child = awaited_by(step); child != 0)
            out.awaited.push_back(child);
        const bool shaped = step.path == plan.error().instance;
        if (same_step(before, after, step, shaped)) continue;
        return cannot("the step \"" + step.name + "\" (" + step.path +
                      ") was recorded and is defined differently in the newest version: resume in "
                      "the same version, or replay");
    }
    return out;
}

}  // namespace sluice::engine
