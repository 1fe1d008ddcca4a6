#include "store/fault_vfs_testing.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "store/memory_disk_testing.hpp"
#include "store/memory_locks_testing.hpp"

namespace sluice::store::testing {

namespace {

using guard = std::lock_guard<std::mutex>;

// SQLite allocates this and knows its first member.
struct open_file {
    sqlite3_file base;
    memory_disk* disk;
    std::shared_ptr<memory_file> file;
    file_locks locks;
    bool maps = false;          // the shared memory
    bool syncs_folder = false;  // with its next sync
};

open_file& self(sqlite3_file* file) { return *reinterpret_cast<open_file*>(file); }

int close_file(sqlite3_file* file) {
    open_file& mine = self(file);
    {
        const guard lock(mine.disk->mutex);
        mine.locks.release(*mine.file, &mine);
    }
    mine.~open_file();
    return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    if (mine.disk->dead) return SQLITE_IOERR_READ;
    const std::string& content = mine.file->now;
    const auto wanted = static_cast<std::size_t>(count);
    const auto from = std::min(content.size(), static_cast<std::size_t>(offset));
    const std::size_t found = std::min(content.size() - from, wanted);
    std::memcpy(to, content.data() + from, found);
    if (found == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(to) + found, 0, wanted - found);
    return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    open_file& mine = self(file);
    memory_disk& disk = *mine.disk;
    const guard lock(disk.mutex);
    const verdict now = disk.next_operation();
    if (now == verdict::fail) return SQLITE_IOERR_WRITE;
    std::string bytes(static_cast<const char*>(from), static_cast<std::size_t>(count));
    const auto start = static_cast<std::size_t>(offset);
    const std::size_t size = mine.file->now.size();
    const std::size_t growth = std::max(size, start + bytes.size()) - size;
    if (disk.quota != 0 && growth != 0 && disk.used() + growth > disk.quota) {
        // As much as there is room for was written before the system noticed.
        const std::size_t room = disk.quota > disk.used() ? disk.quota - disk.used() : 0;
        const std::size_t end = size + room;
        if (end > start) disk.write(*mine.file, start, bytes.substr(0, end - start));
        return SQLITE_FULL;
    }
    disk.write(*mine.file, start, std::move(bytes));
    if (now == verdict::proceed) return SQLITE_OK;
    disk.lose_power(disk.cut_leaves);
    return SQLITE_IOERR_WRITE;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    const verdict now = mine.disk->next_operation();
    if (now == verdict::fail) return SQLITE_IOERR_TRUNCATE;
    mine.disk->truncate(*mine.file, static_cast<std::size_t>(size));
    if (now == verdict::proceed) return SQLITE_OK;
    mine.disk->lose_power(mine.disk->cut_leaves);
    return SQLITE_IOERR_TRUNCATE;
}

int sync_file(sqlite3_file* file, int) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    const bool alive = !mine.disk->dead;
    switch (mine.disk->next_operation()) {
        case verdict::proceed:
            mine.disk->sync(*mine.file);
            // As the system's VFS does for a log or journal that it opened.
            if (mine.syncs_folder) mine.disk->sync_folder();
            mine.syncs_folder = false;
            return SQLITE_OK;
        case verdict::fail:
            if (alive) mine.disk->fail_sync(*mine.file);
            return SQLITE_IOERR_FSYNC;
        case verdict::power_lost:
            mine.disk->lose_power(mine.disk->cut_leaves);
            break;
    }
    return SQLITE_IOERR_FSYNC;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    if (mine.disk->dead) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(mine.file->now.size());
    return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    return mine.locks.lock(*mine.file, &mine, level);
}
int unlock_file(sqlite3_file* file, int level) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    mine.locks.unlock(*mine.file, &mine, level);
    return SQLITE_OK;
}
int check_reserved(sqlite3_file* file, int* held) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    *held = mine.file->reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
}
int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 512; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    auto& regions = mine.file->regions;
    if (!mine.maps) {
        mine.maps = true;
        ++mine.file->region_users;
    }
    const auto index = static_cast<std::size_t>(region);
    *at = nullptr;
    if (index >= regions.size() && extend == 0) return SQLITE_OK;
    while (regions.size() <= index) {
        regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    *at = regions[index].get();
    return SQLITE_OK;
}
int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    return mine.locks.lock_regions(*mine.file, &mine, offset, count, flags);
}
void shared_barrier(sqlite3_file* file) { const guard lock(self(file).disk->mutex); }
// The index is not kept when nobody has it mapped: the next one rebuilds it from the log, as the
// system's VFS makes it do.
int unmap_shared(sqlite3_file* file, int) {
    open_file& mine = self(file);
    const guard lock(mine.disk->mutex);
    mine.locks.release_regions(*mine.file, &mine);
    if (!mine.maps) return SQLITE_OK;
    mine.maps = false;
    if (--mine.file->region_users == 0) mine.file->regions.clear();
    return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    file_size,
    lock_file,
    unlock_file,
    check_reserved,
    control,
    sector_size,
    characteristics,
    map_shared,
    lock_shared,
    shared_barrier,
    unmap_shared,
    nullptr,
    nullptr,
};

memory_disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<memory_disk*>(vfs->pAppData); }

int open_in(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    memory_disk& disk = disk_of(vfs);
    const guard lock(disk.mutex);
    file->pMethods = nullptr;
    if (disk.dead) return SQLITE_CANTOPEN;
    std::shared_ptr<memory_file> found;
    const std::string name = path == nullptr ? "" : path;
    if (const auto known = disk.files.find(name); known != disk.files.end()) {
        if (known->second->linked) found = known->second;
    }
    if (!found) {
        if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
        const verdict now = disk.next_operation();
        if (now == verdict::power_lost) disk.lose_power(disk.cut_leaves);
        if (now != verdict::proceed) return SQLITE_CANTOPEN;
        found = std::make_shared<memory_file>();
        if (path != nullptr) disk.files[name] = found;
    }
    const bool log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    new (static_cast<void*>(file)) open_file{{&methods}, &disk, std::move(found), {}, false, log};
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
}

int delete_in(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    memory_disk& disk = disk_of(vfs);
    const guard lock(disk.mutex);
    const auto known = disk.files.find(path);
    if (known == disk.files.end() || !known->second->linked) return SQLITE_IOERR_DELETE_NOENT;
    const verdict now = disk.next_operation();
    if (now == verdict::fail) return SQLITE_IOERR_DELETE;
    known->second->linked = false;
    if (now == verdict::power_lost) {
        disk.lose_power(disk.cut_leaves);
        return SQLITE_IOERR_DELETE;
    }
    if (sync_folder != 0) disk.sync_folder();
    return SQLITE_OK;
}

int access_in(sqlite3_vfs* vfs, const char* path, int, int* found) {
    memory_disk& disk = disk_of(vfs);
    const guard lock(disk.mutex);
    const auto known = disk.files.find(path);
    *found = known != disk.files.end() && known->second->linked ? 1 : 0;
    return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
}
int randomness(sqlite3_vfs* vfs, int count, char* out) {
    memory_disk& disk = disk_of(vfs);
    const guard lock(disk.mutex);
    for (int i = 0; i < count; ++i)
        out[i] = static_cast<char>(disk.random());
    return count;
}
int sleep_in(sqlite3_vfs*, int microseconds) { return microseconds; }
int current_time(sqlite3_vfs*, double* days) { return *days = 2460000.5, SQLITE_OK; }
int last_error(sqlite3_vfs*, int, char*) { return 0; }
int current_time_ms(sqlite3_vfs*, sqlite3_int64* ms) { return *ms = 212544043200000, SQLITE_OK; }

std::string next_name() {
    static std::atomic<int> count{0};
    return "fault" + std::to_string(++count);
}

}  // namespace

// SQLite keeps the pointer until it is unregistered, so it lives beside the disk.
struct registered_disk final : memory_disk {
    explicit registered_disk(std::uint64_t seed) : memory_disk(seed) {}
    sqlite3_vfs vfs{};
};

fault_vfs::fault_vfs(std::uint64_t seed) {
    auto disk = std::make_unique<registered_disk>(seed);
    disk->name = next_name();
    sqlite3_vfs& vfs = disk->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(open_file);
    vfs.mxPathname = 512;
    vfs.zName = disk->name.c_str();
    vfs.pAppData = static_cast<memory_disk*>(disk.get());
    vfs.xOpen = open_in;
    vfs.xDelete = delete_in;
    vfs.xAccess = access_in;
    vfs.xFullPathname = full_path;
    vfs.xRandomness = randomness;
    vfs.xSleep = sleep_in;
    vfs.xCurrentTime = current_time;
    vfs.xGetLastError = last_error;
    vfs.xCurrentTimeInt64 = current_time_ms;
    sqlite3_vfs_register(&vfs, 0);
    disk_ = std::move(disk);
}

fault_vfs::~fault_vfs() { sqlite3_vfs_unregister(&disk_->vfs); }

const std::string& fault_vfs::name() const { return disk_->name; }

std::uint64_t fault_vfs::operations() const {
    const guard lock(disk_->mutex);
    return disk_->operations;
}
void fault_vfs::cut_power_at(std::uint64_t operation, survival what) {
    const guard lock(disk_->mutex);
    disk_->cut_at = operation;
    disk_->cut_leaves = what;
}
void fault_vfs::cut_power(survival what) {
    const guard lock(disk_->mutex);
    disk_->lose_power(what);
}
bool fault_vfs::is_dead() const {
    const guard lock(disk_->mutex);
    return disk_->dead;
}
void fault_vfs::restore_power() {
    const guard lock(disk_->mutex);
    disk_->restore();
}
void fault_vfs::fail_at(std::uint64_t operation, bool sticky) {
    const guard lock(disk_->mutex);
    disk_->error_at = operation;
    disk_->error_sticks = sticky;
}
void fault_vfs::set_quota(std::uint64_t bytes) {
    const guard lock(disk_->mutex);
    disk_->quota = bytes;
}
std::uint64_t fault_vfs::used() const {
    const guard lock(disk_->mutex);
    return disk_->used();
}

}  // namespace sluice::store::testing
