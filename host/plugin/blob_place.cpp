#include "plugin/blob_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "base/ids.hpp"

namespace sluice::plugin {

namespace {

constexpr std::size_t durable_memory_limit = 64u << 10;
constexpr std::size_t temporary_memory_limit = 1u << 20;
constexpr std::uint64_t ask_disk_every = 16u << 20;
constexpr std::string_view leftover_suffix = ".part";
constexpr std::string_view type_suffix = ".type";
constexpr std::size_t longest_type = 1024;

// 0 or errno.
int sync_folder(const std::filesystem::path& folder) {
    const base::file_descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.is_open()) return errno;
    return ::fsync(opened.get()) == 0 ? 0 : errno;
}

bool ends_with(const std::filesystem::path& path, std::string_view suffix) {
    return path.filename().string().ends_with(suffix);
}

std::uint64_t bytes_in(const std::filesystem::path& folder) {
    std::uint64_t sum = 0;
    std::error_code problem;
    for (std::filesystem::directory_iterator next(folder, problem), end; !problem && next != end;
         next.increment(problem)) {
        std::error_code gone;
        const auto size = next->file_size(gone);
        if (!gone && !ends_with(next->path(), leftover_suffix)) sum += size;
    }
    return sum;
}

}  // namespace

std::filesystem::path blob_folder(const std::filesystem::path& folder, store::event_id execution) {
    return folder / base::execution_id_text(execution);
}

bool is_blob_id(std::string_view text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return text.size() >= 2 && text.size() <= 48 && text[0] == 'b' &&
           std::ranges::all_of(text, allowed);
}

base::error blob_disk_error(std::string_view what) {
    return base::make_error(
        base::error_code::unavailable,
        std::string(what) + " failed: " + std::generic_category().message(errno),
        "See whether the folder for large payloads exists and has room.");
}

base::result<void> write_at(int file, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return blob_disk_error("writing a large payload");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

base::result<std::size_t> read_at(int file, char* out, std::size_t size, std::uint64_t offset) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(file, out + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return blob_disk_error("reading a large payload");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

blob_place::blob_place(std::shared_ptr<const blob_options> options, store::event_id execution)
    : options_(std::move(options)),
      folder_(options_->folder.empty() ? options_->temporary_folder
                                       : blob_folder(options_->folder, execution)) {}

std::size_t blob_place::memory_limit() const {
    return durable() ? durable_memory_limit : temporary_memory_limit;
}

std::filesystem::path blob_place::file_of(std::string_view id, std::string_view suffix) const {
    return folder_ / (std::string(id) + std::string(suffix));
}

base::result<void> blob_place::take(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    if (!counted_ && durable()) used_ += bytes_in(folder_);
    counted_ = true;
    if (bytes > options_->bytes_per_execution || used_ > options_->bytes_per_execution - bytes) {
        return base::make_error(base::error_code::unsupported,
                                "the files of this execution would take more than the " +
                                    std::to_string(options_->bytes_per_execution) +
                                    " bytes that an execution may keep",
                                "The limit is serve --blob-quota-mb.");
    }
    unchecked_ += bytes;
    if (options_->shortage && (!asked_ || unchecked_ >= ask_disk_every)) {
        if (std::string why = options_->shortage(); !why.empty()) {
            return base::make_error(base::error_code::unavailable, std::move(why));
        }
        asked_ = true;
        unchecked_ = 0;
    }
    used_ += bytes;
    return {};
}

void blob_place::give_back(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    used_ -= std::min(used_, bytes);
}

base::result<base::file_descriptor> blob_place::make_file(std::string_view id) {
    std::error_code failure;
    if (!durable()) {
        const auto folder =
            folder_.empty() ? std::filesystem::temp_directory_path(failure) : folder_;
        std::string name = (folder / "sluice-blob-XXXXXX").string();
        base::file_descriptor file(::mkostemp(name.data(), O_CLOEXEC));
        if (!file.is_open())
            return blob_disk_error("making a temporary file in " + folder.string());
        // It loses its name at once, so that nothing is left behind whatever happens.
        ::unlink(name.c_str());
        return file;
    }
    const auto path = file_of(id, leftover_suffix);
    base::file_descriptor file;
    // Twice: the folder may go between, with the last file of another blob.
    for (int tries = 0; tries < 2 && !file.is_open(); ++tries) {
        std::filesystem::create_directories(folder_, failure);
        // O_EXCL: two blobs under one id would be a mistake that must not mix their bytes.
        file = base::file_descriptor(
            ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    }
    if (!file.is_open()) return blob_disk_error("making the file " + path.string());
    return file;
}

// The type first: whoever finds the blob by its name finds the type, too.
base::result<void> blob_place::publish(int file, std::string_view id,
                                       std::string_view content_type) {
    if (::fsync(file) != 0) return blob_disk_error("making a large payload durable");
    if (!content_type.empty()) {
        auto written =
            base::write_file(file_of(id, type_suffix), content_type.substr(0, longest_type), 0600);
        if (!written) return written;
    }
    if (::rename(file_of(id, leftover_suffix).c_str(), file_of(id).c_str()) != 0) {
        return blob_disk_error("naming a large payload");
    }
    for (const auto& folder : {folder_, options_->folder, options_->folder.parent_path()}) {
        if (const int failed = sync_folder(folder)) {
            errno = failed;
            return blob_disk_error("making the folder " + folder.string() + " durable");
        }
    }
    return {};
}

void blob_place::remove(std::string_view id) {
    if (!durable()) return;
    ::unlink(file_of(id).c_str());
    ::unlink(file_of(id, leftover_suffix).c_str());
    ::unlink(file_of(id, type_suffix).c_str());
    ::rmdir(folder_.c_str());  // works when it was the last one
}

base::result<base::file_descriptor> blob_place::open_sealed(std::string_view id) const {
    base::file_descriptor file(::open(file_of(id).c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return blob_disk_error("opening a large payload");
    return file;
}

blob_place::sealed_facts blob_place::look_for(std::string_view id) const {
    sealed_facts facts;
    struct stat about {};
    if (!durable() || !is_blob_id(id) || ::stat(file_of(id).c_str(), &about) != 0) return facts;
    facts.found = S_ISREG(about.st_mode);
    facts.length = static_cast<std::uint64_t>(about.st_size);
    if (auto type = base::read_file(file_of(id, type_suffix), longest_type)) {
        facts.content_type = std::move(*type);
    }
    return facts;
}

void blob_place::remove_leftovers(std::string_view own_prefix) {
    std::error_code problem;
    for (std::filesystem::directory_iterator next(folder_, problem), end; !problem && next != end;
         next.increment(problem)) {
        const std::string name = next->path().filename().string();
        if (!name.ends_with(leftover_suffix) || name.starts_with(own_prefix)) continue;
        const std::string id = name.substr(0, name.size() - leftover_suffix.size());
        ::unlink(next->path().c_str());
        ::unlink(file_of(id, type_suffix).c_str());
    }
    ::rmdir(folder_.c_str());
}

}  // namespace sluice::plugin
