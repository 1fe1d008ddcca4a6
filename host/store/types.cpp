#include "store/types.hpp"

#include "base/panic.hpp"

namespace sluice::store {

// FNV-1a folded to eight bits. Written into every row's partition, so it must never change.
partition_id partition_of(const std::string& instance) {
    std::uint32_t hash = 2166136261u;
    for (const char c : instance) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 16777619u;
    }
    hash ^= hash >> 16;
    hash ^= hash >> 8;
    return static_cast<partition_id>(hash % partition_count);
}

bool is_terminal(event_state state) {
    switch (state) {
        case event_state::ready:
        case event_state::running:
        case event_state::waiting:
            return false;
        case event_state::succeeded:
        case event_state::failed:
        case event_state::quarantined:
        case event_state::cancelled:
            return true;
    }
    base::panic("an event state outside its enumeration");
}

const char* to_string(event_state state) {
    switch (state) {
        case event_state::ready:
            return "ready";
        case event_state::running:
            return "running";
        case event_state::waiting:
            return "waiting";
        case event_state::succeeded:
            return "succeeded";
        case event_state::failed:
            return "failed";
        case event_state::quarantined:
            return "quarantined";
        case event_state::cancelled:
            return "cancelled";
    }
    base::panic("an event state outside its enumeration");
}

}  // namespace sluice::store
