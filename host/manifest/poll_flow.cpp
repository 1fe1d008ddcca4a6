#include "manifest/poll_flow.hpp"

#include <utility>

namespace sluice::manifest {
namespace {

flow make_flow(const flow& of, std::string name, const task& call) {
    flow made;
    made.name = std::move(name);
    made.where = of.where;
    made.definition = of.definition.get("trigger");
    made.trigger = fetch_trigger{};
    made.record = flow::record_kind::none;
    made.tasks.push_back(call);
    return made;
}

}  // namespace

std::string fetch_flow_name(std::string_view flow) { return std::string(flow) + ".poll"; }
std::string acknowledge_flow_name(std::string_view flow) {
    return std::string(flow) + ".acknowledge";
}

flow make_fetch_flow(const flow& of) {
    const auto& rules = std::get<poll_trigger>(of.trigger);
    flow made = make_flow(of, fetch_flow_name(of.name), *rules.fetch);
    made.output_as = rules.found;
    return made;
}

flow make_acknowledge_flow(const flow& of) {
    return make_flow(of, acknowledge_flow_name(of.name),
                     *std::get<poll_trigger>(of.trigger).acknowledge);
}

}  // namespace sluice::manifest
