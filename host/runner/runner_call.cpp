#include "runner/runner_call.hpp"

#include <deque>
#include <mutex>
#include <utility>

namespace sluice::runner {

namespace {

struct list {
    std::mutex mutex;
    std::uint64_t last = 0;
    std::map<sluice_call*, runner_call_ptr> running;
    std::deque<std::pair<sluice_call*, call_list::former>> former;
};

// Never destroyed: threads of a connector may outlive main.
list& all() {
    static list* const only = new list;
    return *only;
}

constexpr std::size_t former_limit = 512;

}  // namespace

namespace call_list {

void add(const runner_call_ptr& call) {
    list& own = all();
    const std::lock_guard lock(own.mutex);
    // Odd, so that no pointer to anything real looks like one.
    call->handle =
        reinterpret_cast<sluice_call*>(static_cast<std::uintptr_t>(++own.last << 4 | 0xb));
    own.running.emplace(call->handle, call);
}

void remove(sluice_call* handle) {
    list& own = all();
    const std::lock_guard lock(own.mutex);
    const auto found = own.running.find(handle);
    if (found == own.running.end()) return;
    own.former.emplace_back(handle, former{found->second->of, found->second->number});
    if (own.former.size() > former_limit) own.former.pop_front();
    own.running.erase(found);
}

runner_call_ptr find(sluice_call* handle) {
    list& own = all();
    const std::lock_guard lock(own.mutex);
    const auto found = own.running.find(handle);
    return found == own.running.end() ? nullptr : found->second;
}

former find_former(sluice_call* handle) {
    list& own = all();
    const std::lock_guard lock(own.mutex);
    for (const auto& [known, from] : own.former) {
        if (known == handle) return from;
    }
    return {core_of_thread(), 0};
}

}  // namespace call_list

std::weak_ptr<core>& core_of_thread() {
    thread_local std::weak_ptr<core> current;
    return current;
}

}  // namespace sluice::runner
