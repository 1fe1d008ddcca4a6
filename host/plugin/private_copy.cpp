#include "plugin/private_copy.hpp"

#include <sys/stat.h>

#include <string>
#include <system_error>
#include <vector>

#include "base/encoding.hpp"
#include "base/file.hpp"

namespace sluice::plugin {

namespace {

namespace fs = std::filesystem;

base::result<void> make_folder(const fs::path& folder) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (!failure) fs::permissions(folder, fs::perms::owner_all, failure);
    if (!failure) return {};
    return base::make_error(base::error_code::unavailable,
                            "the folder " + folder.string() +
                                " for loaded connectors cannot be made (" + failure.message() + ")",
                            "Give the host's user a data folder it may write to.");
}

// "ID-SHA256.so": nothing else in the folder is ours to remove.
bool is_copy(const fs::path& file) {
    constexpr std::size_t digits = 64;
    const std::string name = file.stem().string();
    return file.extension() == ".so" && name.size() > digits + 1 &&
           name[name.size() - digits - 1] == '-' &&
           name.find_first_not_of("0123456789abcdef", name.size() - digits) == std::string::npos;
}

}  // namespace

base::result<fs::path> make_private_copy(const found_connector& found,
                                         const fs::path& cache_folder) {
    if (auto made = make_folder(cache_folder); !made) return made.error_value();
    const fs::path copy = cache_folder / (found.description.id + "-" + found.sha256 + ".so");
    std::error_code failure;
    if (fs::exists(copy, failure)) {
        const auto bytes = base::read_file(copy, library_size_limit);
        if (bytes && base::to_hex(base::sha256(*bytes)) == found.sha256) return copy;
    }
    const auto bytes = base::read_file(found.file, library_size_limit);
    if (!bytes) return bytes.error_value();
    if (base::to_hex(base::sha256(*bytes)) != found.sha256) {
        return base::make_error(base::error_code::conflict,
                                "the file changed while it was being read",
                                "Nothing to do: it is read again.");
    }
    if (auto written = base::write_file(copy, *bytes, 0500); !written) return written.error_value();
    return copy;
}

std::size_t remove_other_copies(const fs::path& cache_folder, const std::set<fs::path>& in_use) {
    std::error_code failure;
    std::vector<fs::path> others;
    for (fs::directory_iterator entry(cache_folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (is_copy(entry->path()) && !in_use.contains(entry->path())) {
            others.push_back(entry->path());
        }
    }
    std::size_t removed = 0;
    for (const fs::path& each : others)
        removed += fs::remove(each, failure) ? 1 : 0;
    return removed;
}

}  // namespace sluice::plugin
