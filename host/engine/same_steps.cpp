#include "engine/same_steps.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "json/pointer.hpp"
#include "json/value.hpp"

namespace sluice::engine {
namespace {

json::value without(json::value of, std::initializer_list<const char*> members) {
    if (!of.is_object()) return of;
    for (const char* name : members)
        of.erase(name);
    return of;
}

// A task that holds others, without them.
json::value around(const json::value& task) {
    json::value out = without(task, {"do", "try"});
    if (!out.is_object()) return out;
    for (const char* holder : {"catch", "foreach"}) {
        if (out.find(holder) != nullptr) out.set(holder, without(out.get(holder), {"do"}));
    }
    if (out.find("fork") != nullptr) out.set("fork", without(out.get("fork"), {"branches"}));
    return out;
}

bool is_number(std::string_view token) {
    return !token.empty() && token.find_first_not_of("0123456789") == token.npos;
}

// The pointers of the task and of those around it: what follows a number is a task's name.
std::vector<std::string> tasks_of(const std::string& path) {
    std::vector<std::string> out;
    bool after_number = false;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at + 1), path.size());
        const std::string_view token = std::string_view(path).substr(at + 1, end - at - 1);
        if (after_number) out.push_back(path.substr(0, end));
        after_number = !after_number && is_number(token);
        at = end;
    }
    return out;
}

}  // namespace

bool same_step(const bound_flow& before, const bound_flow& after, const store::step_record& step,
               bool but_its_output) {
    if (before.integration->hash == after.integration->hash) return true;
    const json::value& old_document = before.integration->document;
    const json::value& new_document = after.integration->document;
    const auto used = [](const json::value& document, const char* what) {
        return document.get("use").get(what);
    };
    const std::size_t called = step.path.find('>');
    if (called != std::string::npos &&
        !(used(old_document, "functions") == used(new_document, "functions"))) {
        return false;
    }
    const json::value& old_flow = before.flow->definition;
    const json::value& new_flow = after.flow->definition;
    // How often it was tried depends on more than the task.
    if (step.attempt > 1 && !(used(old_document, "retries") == used(new_document, "retries") &&
                              old_flow.get("retry") == new_flow.get("retry"))) {
        return false;
    }
    const std::vector<std::string> tasks = tasks_of(step.path.substr(0, called));
    for (const std::string& pointer : tasks) {
        const json::value* const was = json::find_pointer(old_flow, pointer);
        const json::value* const is = json::find_pointer(new_flow, pointer);
        if (was == nullptr && is == nullptr) continue;  // of a flow that the host has made
        if (was == nullptr || is == nullptr) return false;
        const bool last = pointer == tasks.back();
        if (last && but_its_output) {
            const auto input = [](const json::value& of) {
                return without(of, {"output", "export", "then"});
            };
            if (!(input(*was) == input(*is))) return false;
        } else if (last ? !(*was == *is) : !(around(*was) == around(*is))) {
            return false;
        }
    }
    return true;
}

}  // namespace sluice::engine
