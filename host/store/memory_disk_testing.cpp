#include "store/memory_disk_testing.hpp"

#include <algorithm>

namespace sluice::store::testing {

namespace {

constexpr std::size_t sector = 512;

void replay(std::string& content, const memory_file::change& change) {
    if (change.truncates) {
        content.resize(change.offset);
        return;
    }
    const std::size_t end = change.offset + change.bytes.size();
    if (content.size() < end) content.resize(end);
    std::copy(change.bytes.begin(), change.bytes.end(),
              content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

// The sectors of a write for which `keep()` says yes.
template <class Keep>
void replay_sectors(std::string& content, const memory_file::change& change, Keep keep) {
    if (change.truncates) {
        if (keep()) replay(content, change);
        return;
    }
    const std::size_t end = change.offset + change.bytes.size();
    for (std::size_t from = change.offset; from < end;) {
        const std::size_t to = std::min(end, (from / sector + 1) * sector);
        if (keep()) {
            replay(content, {false, from, change.bytes.substr(from - change.offset, to - from)});
        }
        from = to;
    }
}

}  // namespace

verdict memory_disk::next_operation() {
    if (dead) return verdict::fail;
    ++operations;
    if (cut_at != 0 && operations >= cut_at) return verdict::power_lost;
    if (error_at == 0) return verdict::proceed;
    const bool hit = error_sticks ? operations >= error_at : operations == error_at;
    return hit ? verdict::fail : verdict::proceed;
}

void memory_disk::lose_power(survival what) {
    if (dead) return;
    dead = true;
    for (auto& [path, file] : files) {
        // A name that was not synced may or may not be there. Which one it is does not depend on
        // the content, so a file without its last writes may well have its name.
        if (file->linked != file->durably_linked && toss()) file->durably_linked = file->linked;
        auto& changes = file->unsynced;
        if (what == survival::prefix) {
            const std::size_t whole = changes.empty() ? 0 : random() % (changes.size() + 1);
            for (std::size_t i = 0; i < whole; ++i)
                replay(file->durable, changes[i]);
            if (whole < changes.size()) {
                bool torn = false;
                replay_sectors(file->durable, changes[whole], [&] {
                    torn = torn || toss();
                    return !torn;
                });
            }
        } else if (what == survival::subset) {
            for (const auto& change : changes) {
                replay_sectors(file->durable, change, [this] { return toss(); });
            }
        }
        changes.clear();
    }
}

void memory_disk::restore() {
    dead = false;
    cut_at = error_at = 0;
    for (auto one = files.begin(); one != files.end();) {
        if (!one->second->durably_linked) {
            one = files.erase(one);
            continue;
        }
        auto fresh = std::make_shared<memory_file>();
        fresh->durable = one->second->durable;
        fresh->now = fresh->durable;
        fresh->durably_linked = true;
        one->second = std::move(fresh);
        ++one;
    }
}

void memory_disk::write(memory_file& file, std::size_t offset, std::string bytes) {
    file.unsynced.push_back({false, offset, std::move(bytes)});
    replay(file.now, file.unsynced.back());
}

void memory_disk::truncate(memory_file& file, std::size_t size) {
    file.unsynced.push_back({true, size, {}});
    replay(file.now, file.unsynced.back());
}

void memory_disk::sync(memory_file& file) {
    for (const auto& change : file.unsynced)
        replay(file.durable, change);
    file.unsynced.clear();
    file.durably_linked = file.linked;
}

void memory_disk::sync_folder() {
    for (auto one = files.begin(); one != files.end();) {
        one->second->durably_linked = one->second->linked;
        one = one->second->linked ? std::next(one) : files.erase(one);
    }
}

// The kernel calls the pages clean although they never reached the disk. They are read back until
// they leave the cache, which may be at once.
void memory_disk::fail_sync(memory_file& file) {
    file.unsynced.clear();
    if (toss()) file.now = file.durable;
}

std::uint64_t memory_disk::used() const {
    std::uint64_t sum = 0;
    for (const auto& [path, file] : files) {
        if (file->linked) sum += file->now.size();
    }
    return sum;
}

}  // namespace sluice::store::testing
