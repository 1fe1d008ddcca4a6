#include "store/request.hpp"

namespace sluice::store {

namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

std::size_t size_of(const new_event& event) {
    return event.payload_json.size() + event.instance.size() + event.flow.size() +
           event.flow_version.size() + event.lane_key.size();
}

std::size_t size_of(const op& change) {
    return std::visit(
        overloaded{
            [](const checkpoint_op& c) {
                return c.step.input_json.size() + c.step.output_json.size() +
                       c.step.error_json.size() + c.step.path.size();
            },
            [](const collapse_op& c) { return c.step.output_json.size() + c.step.path.size(); },
            [](const emit_op& e) { return e.event_json.size() + e.instance.size(); },
            [](const park_op&) { return std::size_t{0}; },
            [](const take_output_op&) { return std::size_t{0}; },
            [](const finish_op& f) { return f.output_json.size() + f.error_json.size(); },
            [](const state_put_op& s) { return s.value_json.size() + s.key.size(); },
            [](const append_op& a) { return size_of(a.event); },
            [](const reopen_op& r) { return r.flow_version.size(); },
            [](const alert_op& a) {
                return a.detail_json.size() + (a.message ? size_of(*a.message) : 0);
            },
            [](const log_op& l) {
                std::size_t sum = 0;
                for (const auto& line : l.lines)
                    sum += line.text.size();
                return sum;
            },
        },
        change);
}

}  // namespace

std::size_t request::count() const {
    return std::visit(overloaded{
                          [](const append_request& a) { return a.events.size(); },
                          [](const commit_request& c) { return c.ops.size(); },
                          [](const config_request& c) { return c.changes.size(); },
                          [](const remove_request& r) { return r.ids.size(); },
                      },
                      what);
}

std::size_t request::bytes() const {
    return std::visit(overloaded{
                          [](const append_request& a) {
                              std::size_t sum = 0;
                              for (const auto& event : a.events)
                                  sum += size_of(event);
                              return sum;
                          },
                          [](const commit_request& c) {
                              std::size_t sum = 0;
                              for (const auto& change : c.ops)
                                  sum += size_of(change);
                              return sum;
                          },
                          [](const config_request& c) {
                              std::size_t sum = 0;
                              for (const auto& change : c.changes)
                                  sum += change.record.value_json.size();
                              return sum;
                          },
                          [](const remove_request&) { return std::size_t{0}; },
                      },
                      what);
}

void request::answer() {
    std::visit(overloaded{
                   [this](config_request& c) {
                       if (failure) return c.done(*failure);
                       c.done(base::result<void>());
                   },
                   [this](auto& other) {
                       if (failure) return other.done(*failure);
                       other.done(std::move(other.reply));
                   },
               },
               what);
}

request make_append(std::vector<new_event> events, store::appended done) {
    append_request append;
    append.keys.reserve(events.size());
    for (const auto& event : events)
        append.keys.push_back(make_dedup_key(event));
    append.events = std::move(events);
    append.done = std::move(done);
    return request{std::move(append), std::nullopt};
}

request make_commit(partition_id partition, epoch_number epoch, std::vector<op> ops,
                    store::committed done) {
    commit_request commit;
    commit.partition = partition;
    commit.epoch = epoch;
    commit.keys.reserve(ops.size());
    for (const auto& change : ops) {
        const auto* child = std::get_if<append_op>(&change);
        commit.keys.push_back(child ? make_dedup_key(child->event) : std::nullopt);
    }
    commit.ops = std::move(ops);
    commit.done = std::move(done);
    return request{std::move(commit), std::nullopt};
}

}  // namespace sluice::store
