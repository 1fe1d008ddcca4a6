#include "plugin/call_slots.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include "base/panic.hpp"

namespace sluice::plugin::call_slots {

namespace {

enum class state : std::uint8_t { free, running, abandoned, over };

struct slot {
    std::mutex mutex;
    std::uint32_t generation = 1;
    state now = state::free;
    bool started = false;
    std::unique_ptr<live_call> call;
    std::shared_ptr<action_stats> previous;  // of generation - 1, to name second completions
};

// Handle bits, high to low: 28 slot, 32 generation, 4 mark. The mark makes every handle an odd
// address, so that no pointer to anything real looks like one.
constexpr std::uint64_t mark = 0xb;
constexpr std::uint32_t chunk_size = 1024;
constexpr std::uint32_t chunk_limit = (1u << 28) / chunk_size;
// Slots rest before they are used again, so that a second completion still finds whom to name.
constexpr std::size_t resting = 512;

struct table {
    std::mutex mutex;  // for growing, and for the list of free slots; taken before a slot's
    std::deque<std::uint32_t> free;
    std::uint32_t chunk_count = 0;
    std::array<std::atomic<slot*>, chunk_limit / 64> chunks{};  // 4 million calls at once
    std::atomic<std::uint64_t> unknown{0};
};

// Never destroyed: see the header.
table& slots() {
    static table* const only = new table;
    return *only;
}

call_handle make_handle(std::uint32_t index, std::uint32_t generation) {
    return static_cast<call_handle>(std::uint64_t{index} << 36 | std::uint64_t{generation} << 4 |
                                    mark);
}

std::uint32_t generation_of(call_handle call) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(call) >> 4);
}

slot* slot_at(std::uint32_t index) {
    table& all = slots();
    if (index / chunk_size >= all.chunks.size()) return nullptr;
    slot* chunk = all.chunks[index / chunk_size].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + index % chunk_size;
}

slot* slot_of(call_handle call) {
    const auto bits = static_cast<std::uint64_t>(call);
    if ((bits & 0xf) != mark) return nullptr;
    return slot_at(static_cast<std::uint32_t>(bits >> 36));
}

void grow(table& all) {
    if (all.chunk_count == all.chunks.size()) base::panic("more than 4 million calls at once");
    const std::uint32_t first = all.chunk_count * chunk_size;
    all.chunks[all.chunk_count++].store(new slot[chunk_size], std::memory_order_release);
    for (std::uint32_t index = 0; index < chunk_size; ++index)
        all.free.push_back(first + index);
}

bool is_alive(const slot& entry, call_handle call) {
    return entry.generation == generation_of(call) &&
           (entry.now == state::running || entry.now == state::abandoned);
}

claim_result end_alive(slot& entry) {
    const bool late = entry.now == state::abandoned;
    entry.now = state::over;
    return {late ? arrival::late : arrival::first, entry.call->stats, entry.call->owner};
}

}  // namespace

call_handle open(std::unique_ptr<live_call> call) {
    table& all = slots();
    std::uint32_t index = 0;
    {
        const std::lock_guard lock(all.mutex);
        if (all.free.size() <= resting) grow(all);
        index = all.free.front();
        all.free.pop_front();
    }
    slot& entry = *slot_at(index);
    const std::lock_guard lock(entry.mutex);
    entry.now = state::running;
    entry.started = false;
    entry.call = std::move(call);
    return make_handle(index, entry.generation);
}

live_call* find(call_handle call) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return nullptr;
    const std::lock_guard lock(entry->mutex);
    return is_alive(*entry, call) ? entry->call.get() : nullptr;
}

bool abandon(call_handle call) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return false;
    const std::lock_guard lock(entry->mutex);
    if (!is_alive(*entry, call)) return false;
    entry->now = state::abandoned;
    return true;
}

std::unique_ptr<live_call> close(call_handle call) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return nullptr;
    std::unique_ptr<live_call> closed;
    {
        const std::lock_guard lock(entry->mutex);
        if (entry->generation != generation_of(call) || entry->now != state::over) return nullptr;
        closed = std::move(entry->call);
        entry->previous = closed->stats;
        entry->now = state::free;
        ++entry->generation;
    }
    table& all = slots();
    const std::lock_guard lock(all.mutex);
    all.free.push_back(static_cast<std::uint32_t>(static_cast<std::uint64_t>(call) >> 36));
    return closed;
}

std::vector<call_handle> calls_of(const connector_state& owner) {
    table& all = slots();
    std::uint32_t count = 0;
    {
        const std::lock_guard lock(all.mutex);
        count = all.chunk_count * chunk_size;
    }
    std::vector<call_handle> found;
    for (std::uint32_t index = 0; index < count; ++index) {
        slot& entry = *slot_at(index);
        const std::lock_guard lock(entry.mutex);
        const bool alive = entry.now == state::running || entry.now == state::abandoned;
        if (alive && entry.call->owner.get() == &owner) {
            found.push_back(make_handle(index, entry.generation));
        }
    }
    return found;
}

claim_result claim(call_handle call) {
    slot* entry = slot_of(call);
    if (entry != nullptr) {
        const std::lock_guard lock(entry->mutex);
        if (is_alive(*entry, call)) return end_alive(*entry);
        if (entry->generation == generation_of(call) && entry->now == state::over) {
            return {arrival::second, entry->call->stats, nullptr};
        }
        if (entry->generation == generation_of(call) + 1 && entry->previous) {
            return {arrival::second, entry->previous, nullptr};
        }
    }
    ++slots().unknown;
    return {};
}

claim_result claim_for_host(call_handle call) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return {};
    const std::lock_guard lock(entry->mutex);
    if (!is_alive(*entry, call)) return {};
    return end_alive(*entry);
}

bool claim_unstarted(call_handle call) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return false;
    const std::lock_guard lock(entry->mutex);
    if (!is_alive(*entry, call) || entry->started) return false;
    entry->now = state::over;
    return true;
}

bool enter(call_handle call, const std::function<void(live_call&)>& use) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return false;
    const std::lock_guard lock(entry->mutex);
    if (!is_alive(*entry, call)) return false;
    entry->started = true;
    use(*entry->call);
    return true;
}

bool with(call_handle call, const std::function<void(const live_call&)>& use) {
    slot* entry = slot_of(call);
    if (entry == nullptr) return false;
    const std::lock_guard lock(entry->mutex);
    if (!is_alive(*entry, call)) return false;
    use(*entry->call);
    return true;
}

std::uint64_t unknown_completions() { return slots().unknown; }

}  // namespace sluice::plugin::call_slots
