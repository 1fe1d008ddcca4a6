#include "plugin/connector.hpp"

#include <utility>

#include "plugin/connector_state.hpp"

namespace sluice::plugin {

connector::connector(std::shared_ptr<connector_state> state) : state_(std::move(state)) {}
connector::~connector() = default;

const descriptor& connector::description() const { return state_->found.description; }
const std::filesystem::path& connector::file() const { return state_->found.file; }
std::string connector::name() const { return state_->name; }
call_handle connector::start(call_request request, call_done done) {
    return state_->start(std::move(request), std::move(done));
}
void connector::cancel(call_handle call) { state_->cancel(call); }
load_status connector::status() const { return state_->status(); }
base::result<void> connector::load_error() const { return state_->load_error(); }
std::size_t connector::live_calls() const { return state_->live_calls(); }
std::vector<action_counters> connector::counters() const { return state_->counters(); }
isolation_facts connector::isolation() const { return state_->isolation_now(); }
void connector::release() { state_->release(); }

}  // namespace sluice::plugin
