#include "plugin/running_record.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <utility>

#include "base/file_descriptor.hpp"

namespace sluice::plugin {
namespace {

// One for each thread that runs connectors; a thread that finds none is not recorded.
constexpr std::size_t slots = 512;
using slot = std::atomic<store::event_id>;
static_assert(slot::is_always_lock_free && sizeof(slot) == sizeof(store::event_id));
// Behind the slots: the execution whose thread crashed.
constexpr std::size_t record_bytes = (slots + 1) * sizeof(slot);

std::atomic<slot*> table{nullptr};
std::atomic<std::size_t> taken{0};

// A thread keeps its slot until it ends; the number is then free for nobody, which is enough for
// the few threads that come and go.
slot* slot_of_thread() {
    slot* const all = table.load(std::memory_order_acquire);
    if (all == nullptr) return nullptr;
    static constinit thread_local std::size_t mine = slots;
    if (mine == slots) {
        const std::size_t next = taken.fetch_add(1, std::memory_order_relaxed);
        if (next >= slots) return nullptr;
        mine = next;
    }
    return all + mine;
}

// For the note of a crash, when it is the thread's own stack that has overflowed.
class crash_stack {
  public:
    crash_stack() {
        stack_t made = {};
        made.ss_sp = bytes_.get();
        made.ss_size = size;
        ::sigaltstack(&made, nullptr);
    }
    crash_stack(const crash_stack&) = delete;
    crash_stack& operator=(const crash_stack&) = delete;
    ~crash_stack() {
        stack_t none = {};
        none.ss_flags = SS_DISABLE;
        ::sigaltstack(&none, nullptr);
    }

  private:
    static constexpr std::size_t size = 64u << 10;
    std::unique_ptr<char[]> bytes_{new char[size]};
};

void give_crash_stack() {
    static thread_local bool has_one = false;
    if (std::exchange(has_one, true)) return;
    stack_t now = {};
    if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
    static thread_local crash_stack own;
}

base::error failed(const std::filesystem::path& file, const char* what) {
    return base::make_error(base::error_code::unavailable,
                            std::string(what) + ' ' + file.string() + ": " +
                                std::error_code(errno, std::generic_category()).message());
}

}  // namespace

base::result<std::vector<store::death>> open_running_record(const std::filesystem::path& file) {
    const base::file_descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (opened.get() < 0) return failed(file, "cannot open");
    if (::ftruncate(opened.get(), record_bytes) != 0) return failed(file, "cannot size");
    void* const mapped =
        ::mmap(nullptr, record_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, opened.get(), 0);
    if (mapped == MAP_FAILED) return failed(file, "cannot map");
    auto* const all = static_cast<slot*>(mapped);
    const store::event_id crashed = all[slots].exchange(0);
    std::vector<store::death> died;
    if (crashed != 0) died.push_back({crashed, store::death::crash});
    for (std::size_t i = 0; i < slots; ++i) {
        const store::event_id id = all[i].exchange(0);
        if (id != 0 && crashed == 0) died.push_back({id, store::death::unexplained});
    }
    table.store(all, std::memory_order_release);  // stays mapped until the process ends
    return died;
}

void note_crash_inside() {
    const slot* const mine = slot_of_thread();
    if (mine == nullptr) return;
    store::event_id nobody = 0;
    table.load(std::memory_order_acquire)[slots].compare_exchange_strong(nobody, mine->load());
}

running_scope::running_scope(store::event_id execution) {
    slot* const mine = slot_of_thread();
    if (mine == nullptr) return;
    give_crash_stack();
    before_ = mine->exchange(execution, std::memory_order_relaxed);
}

running_scope::~running_scope() {
    slot* const mine = slot_of_thread();
    if (mine != nullptr) mine->store(before_, std::memory_order_relaxed);
}

}  // namespace sluice::plugin
