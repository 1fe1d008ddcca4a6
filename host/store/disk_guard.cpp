#include "store/disk_guard.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/log.hpp"
#include "store/data_folder.hpp"

namespace sluice::store {

namespace {

std::int64_t threshold(const file_system_facts& facts, const disk_limits& limits) {
    return std::min(limits.admit_above_bytes, facts.total_bytes / 100 * limits.admit_above_percent);
}

std::string shortage(const file_system_facts& facts, const disk_limits& limits) {
    const std::int64_t needed = threshold(facts, limits);
    if (facts.free_bytes >= needed) return {};
    return "too little disk space: " + std::to_string(facts.free_bytes >> 20) + " MB free, " +
           std::to_string(needed >> 20) + " MB needed to take new events";
}

}  // namespace

std::string disk_shortage(const std::filesystem::path& folder, const disk_limits& limits) {
    const auto facts = probe_file_system(folder);
    return facts ? shortage(*facts, limits) : std::string();
}

disk_guard::disk_guard(std::filesystem::path folder, disk_limits limits, file_system_probe probe)
    : folder_(std::move(folder)), limits_(limits), probe_(std::move(probe)) {}

void disk_guard::keep_reserve() {
    if (folder_.empty() || has_reserve_ || limits_.reserve_bytes == 0) return;
    const auto path = reserve_path(folder_);
    std::error_code problem;
    const auto size = std::filesystem::file_size(path, problem);
    if (!problem && static_cast<std::int64_t>(size) == limits_.reserve_bytes) {
        has_reserve_ = true;
        return;
    }
    const auto facts = probe_(folder_);
    if (!facts || facts->free_bytes < threshold(*facts, limits_) + limits_.reserve_bytes) return;
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) return;
    // Real blocks, not a hole: the point is that nobody else can take them.
    has_reserve_ = ::posix_fallocate(descriptor, 0, limits_.reserve_bytes) == 0;
    ::close(descriptor);
    if (!has_reserve_) std::filesystem::remove(path, problem);
}

bool disk_guard::give_up_reserve() {
    if (!has_reserve_) return false;
    has_reserve_ = false;
    std::error_code problem;
    std::filesystem::remove(reserve_path(folder_), problem);
    base::log(base::log_level::error, "the disk is full; the reserve was given up",
              {{"folder", folder_.string()}});
    return !problem;
}

std::string disk_guard::refusal() {
    if (folder_.empty()) return {};
    const auto facts = probe_(folder_);
    // What cannot be asked is not a reason to turn events away; a full disk still shows itself.
    if (!facts) return {};
    free_bytes_ = facts->free_bytes;
    std::string why = shortage(*facts, limits_);
    const bool admit = why.empty();
    if (admitting_.exchange(admit) != admit) {
        base::log(admit ? base::log_level::info : base::log_level::error,
                  admit ? "new events are taken again" : "too little disk space for new events",
                  {{"free_bytes", std::to_string(facts->free_bytes)}});
    }
    return why;
}

}  // namespace sluice::store
