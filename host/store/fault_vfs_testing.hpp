// A disk that fails on command, as a SQLite VFS in memory. The real store code runs on it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace sluice::store::testing {

// What a power cut leaves of the writes that were not synced.
enum class survival {
    nothing,  // only what was synced
    prefix,   // the first so many, the last of them torn
    subset,   // any sector of 512 bytes or not
};

struct registered_disk;

// All functions: any thread. Operations are what changes the disk: writes, truncations, syncs,
// deletions and creations of files, counted from 1 on.
class fault_vfs {
  public:
    // Registers itself with SQLite under name(). Everything random comes from `seed`.
    explicit fault_vfs(std::uint64_t seed);
    ~fault_vfs();
    fault_vfs(const fault_vfs&) = delete;
    fault_vfs& operator=(const fault_vfs&) = delete;

    const std::string& name() const;
    std::uint64_t operations() const;

    // The power fails during that operation (0: never), or now. From then on everything fails
    // until restore_power.
    void cut_power_at(std::uint64_t operation, survival what);
    void cut_power(survival what);
    bool is_dead() const;
    // A new life on what survived. Every file of the old one must have been closed.
    void restore_power();

    // That operation fails with an I/O error (0: none), alone or together with all that follow. A
    // sync that fails loses what it should have made durable, for good.
    void fail_at(std::uint64_t operation, bool sticky);
    // The bytes that all files together may have; more gives "disk full". 0: no limit.
    void set_quota(std::uint64_t bytes);
    std::uint64_t used() const;

  private:
    std::unique_ptr<registered_disk> disk_;
};

}  // namespace sluice::store::testing
