// fork: branches at the same time, each a walk of its own.
#include <utility>

#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

// `to` with what the branch changed of the context that all branches started with.
json::value merge_context(const json::value& start, json::value to, const json::value& branch) {
    if (branch == start) return to;
    if (!branch.is_object() || !to.is_object()) return branch;
    for (const auto& [name, content] : branch.members()) {
        const json::value* before = start.find(name);
        if (before == nullptr || !(*before == content)) to.set(name, content);
    }
    if (start.is_object()) {
        for (const auto& [name, content] : start.members()) {
            if (branch.find(name) == nullptr) to.erase(name);
        }
    }
    return to;
}

}  // namespace

// The branches of one fork while they run.
class walk::fork_run {
  public:
    fork_run(walk& parent, const manifest::fork_task& body, const json::value& input)
        : parent_(parent), body_(body) {
        // The parent does nothing meanwhile: one of the branches stands for it.
        parent_.run_.add_busy(static_cast<int>(body.branches.size()) - 1);
        for (const manifest::task& task : body.branches) {
            branches_.push_back(std::make_unique<branch>(parent_));
            branches_.back()->input = input;
            branches_.back()->task = &task;
            parent_.branches_.push_back(&branches_.back()->strand);
        }
        running_ = branches_.size();
        for (std::size_t i = 0; i < branches_.size(); ++i)
            branches_[i]->work.emplace(run(i));
    }
    ~fork_run() { parent_.branches_.clear(); }
    fork_run(const fork_run&) = delete;
    fork_run& operator=(const fork_run&) = delete;

    // Until every branch has ended; those that are not needed any more are cancelled first.
    base::task<> join() {
        if (running_ == 0) co_return;
        base::callback_awaiter<bool> ended([this](auto done) { joined_ = std::move(done); });
        co_await ended;
    }

    // The branch that decided: the winner, one that faulted, one that ended the flow. In a race a
    // fault only takes its branch out; when it has taken all of them, the first one decides.
    std::optional<std::size_t> decided() const { return decided_ ? decided_ : first_fault_; }
    outcome& result(std::size_t index) { return branches_[index]->result; }
    walk& strand(std::size_t index) { return branches_[index]->strand; }
    std::size_t size() const { return branches_.size(); }

  private:
    struct branch {
        explicit branch(const walk& parent) : strand(parent) {}
        walk strand;
        const manifest::task* task = nullptr;
        json::value input;
        outcome result;
        std::optional<base::owned_task> work;
    };

    base::task<> run(std::size_t index) {
        branch& own = *branches_[index];
        own.result = co_await own.strand.run_task(*own.task, own.input);
        const bool stopped = own.result.faulted() && own.result.error->cancelled;
        if (body_.compete && own.result.faulted()) {
            if (!decided_ && !stopped && !first_fault_) first_fault_ = index;
        } else if (!decided_ && !stopped && (body_.compete || !own.result.completed())) {
            decided_ = index;
            for (std::size_t i = 0; i < branches_.size(); ++i) {
                if (i != index) branches_[i]->strand.cancel();
            }
        }
        if (--running_ > 0) {
            parent_.run_.add_busy(-1);
            co_return;
        }
        // The last one: the parent goes on in its place.
        if (joined_) parent_.host_.loop.post([done = std::move(joined_)] { done(true); });
    }

    walk& parent_;
    const manifest::fork_task& body_;
    std::vector<std::unique_ptr<branch>> branches_;
    std::size_t running_ = 0;
    std::optional<std::size_t> decided_;
    std::optional<std::size_t> first_fault_;  // of a race
    std::function<void(bool)> joined_;
};

base::task<outcome> walk::run_fork(const manifest::task& task, const manifest::fork_task& body,
                                   const json::value& input) {
    // A fork that all branches complete needs no record: theirs give the same again. Who won and
    // what failed first does not.
    store::step_record step = begin_step(task, "fork");
    if (const store::step_record* before = replay(step)) {
        outcome recorded = replayed_outcome(*before);
        if (recorded.faulted()) {
            if (const auto below = json::parse(before->output_json)) restore_below(*below);
            co_return recorded;
        }
        restore_block(recorded.output);
        outcome result = completed_with(recorded.output.get("output"));
        if (recorded.output.bool_or("end", false)) result.how = outcome::kind::end_flow;
        co_return result;
    }
    fork_run branches(*this, body, input);
    co_await branches.join();
    if (stopping()) co_return faulted_with(stopping_fault());
    const json::value start = scope_.context();
    outcome result;
    if (const auto decided = branches.decided()) {
        walk& strand = branches.strand(*decided);
        result = std::move(branches.result(*decided));
        last_step_ms_ = strand.last_step_ms_;
        if (!result.faulted()) {
            scope_.set_context(strand.scope_.context());
            scope_.set_steps(strand.scope_.steps());
        }
        result.then = nullptr;
        store::step_record decision = std::move(step);
        if (result.faulted()) {
            // The branches are not walked again: what they counted is part of the record.
            json::append_text(decision.output_json, counters_below(decision.path));
            co_return end_step(std::move(decision), std::move(result));
        }
        json::value state = block_state(task, result.output);
        state.set("branch", body.branches[*decided].name);
        state.set("end", result.how == outcome::kind::end_flow);
        end_step(std::move(decision), completed_with(std::move(state)));
        co_return result;
    }
    json::value outputs = json::value::array();
    json::value context = start;
    json::value steps = scope_.steps();
    for (std::size_t i = 0; i < branches.size(); ++i) {
        const walk& strand = branches.strand(i);
        outputs.push(std::move(branches.result(i).output));
        context = merge_context(start, std::move(context), strand.scope_.context());
        for (const auto& [name, content] : strand.scope_.steps().members()) {
            const json::value* before = scope_.steps().find(name);
            if (before == nullptr || !(*before == content)) steps.set(name, content);
        }
        last_step_ms_ = std::max(last_step_ms_, strand.last_step_ms_);
    }
    scope_.set_context(std::move(context));
    scope_.set_steps(std::move(steps));
    co_return completed_with(std::move(outputs));
}

}  // namespace sluice::engine
