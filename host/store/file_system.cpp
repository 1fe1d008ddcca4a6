#include "store/file_system.hpp"

#include <sys/vfs.h>

#include <cerrno>
#include <system_error>

#include "base/log.hpp"

namespace sluice::store {

namespace {

enum class trust { refused, unknown };

struct known_type {
    std::int64_t type;
    trust level;
    const char* name;
};

// Numbers of statfs(2).
constexpr known_type doubtful[] = {
    {0x6969, trust::refused, "NFS"},      {0x517B, trust::refused, "SMB"},
    {0xFF534D42, trust::refused, "CIFS"}, {0xFE534D42, trust::refused, "SMB2"},
    {0x5346414F, trust::refused, "AFS"},  {0x73757245, trust::refused, "Coda"},
    {0x65735546, trust::unknown, "FUSE"}, {0x01021997, trust::unknown, "9p"},
    {0x00C36400, trust::unknown, "Ceph"}, {0x0BD00BD0, trust::unknown, "Lustre"},
};

}  // namespace

base::result<file_system_facts> probe_file_system(const std::filesystem::path& path) {
    struct statfs found {};
    if (::statfs(path.c_str(), &found) != 0) {
        return base::make_error(base::error_code::unavailable,
                                "cannot ask for the file system of " + path.string() + ": " +
                                    std::generic_category().message(errno));
    }
    file_system_facts facts;
    // CIFS and SMB2 have the highest of 32 bits set; f_type is a signed long.
    facts.type = static_cast<std::int64_t>(static_cast<std::uint32_t>(found.f_type));
    facts.free_bytes = static_cast<std::int64_t>(found.f_bavail) * found.f_bsize;
    facts.total_bytes = static_cast<std::int64_t>(found.f_blocks) * found.f_bsize;
    return facts;
}

base::result<void> check_file_system(const std::filesystem::path& path, std::int64_t type) {
    for (const known_type& known : doubtful) {
        if (known.type != type) continue;
        if (known.level == trust::refused) {
            return base::make_error(base::error_code::unsupported,
                                    "the data folder " + path.string() +
                                        " is on a network file system (" + known.name +
                                        "), where locks and fsync cannot be relied on",
                                    "use a folder on a local disk");
        }
        base::log(base::log_level::warning,
                  "the data folder is on a file system whose locks and fsync could not be judged",
                  {{"folder", path.string()}, {"file_system", known.name}});
    }
    return {};
}

}  // namespace sluice::store
