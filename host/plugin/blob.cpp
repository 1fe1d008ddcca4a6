#include "plugin/blob.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::plugin {

namespace {

base::error disk_error(std::string_view what) {
    return base::make_error(
        base::error_code::unavailable,
        std::string(what) + " failed: " + std::generic_category().message(errno),
        "See whether the folder for temporary files exists and has room.");
}

base::result<void> write_all(int file, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return disk_error("writing a large payload");
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

}  // namespace

blob::blob(std::string id, std::string content_type, std::filesystem::path temporary_folder)
    : id_(std::move(id)),
      content_type_(std::move(content_type)),
      folder_(std::move(temporary_folder)) {}

blob::~blob() {
    if (file_ >= 0) ::close(file_);
}

std::uint64_t blob::length() const {
    const std::lock_guard lock(mutex_);
    return length_;
}

bool blob::sealed() const {
    const std::lock_guard lock(mutex_);
    return sealed_;
}

bool blob::in_memory() const {
    const std::lock_guard lock(mutex_);
    return file_ < 0;
}

base::result<void> blob::append(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (sealed_) {
        return base::make_error(base::error_code::conflict, "blob " + id_ + " is sealed");
    }
    if (file_ < 0 && memory_.size() + bytes.size() > blob_memory_limit) {
        if (auto spilled = spill(); !spilled) return spilled;
    }
    if (file_ < 0) {
        memory_.append(bytes);
    } else if (auto written = write_all(file_, bytes, length_); !written) {
        return written;
    }
    length_ += bytes.size();
    return {};
}

// The file loses its name at once, so that nothing is left behind whatever happens.
base::result<void> blob::spill() {
    std::error_code failure;
    const auto folder = folder_.empty() ? std::filesystem::temp_directory_path(failure) : folder_;
    std::string name = (folder / "sluice-blob-XXXXXX").string();
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) return disk_error("making a temporary file in " + folder.string());
    ::unlink(name.c_str());
    auto written = write_all(file_, memory_, 0);
    if (!written) {
        ::close(std::exchange(file_, -1));
        return written;
    }
    memory_ = {};
    return {};
}

void blob::seal() {
    const std::lock_guard lock(mutex_);
    sealed_ = true;
    memory_.shrink_to_fit();
}

base::result<std::size_t> blob::read(std::uint64_t offset, char* out, std::size_t size) const {
    const std::lock_guard lock(mutex_);
    if (!sealed_) {
        return base::make_error(base::error_code::conflict, "blob " + id_ + " is not sealed yet");
    }
    if (offset >= length_) return std::size_t{0};
    size = static_cast<std::size_t>(std::min<std::uint64_t>(size, length_ - offset));
    if (file_ < 0) {
        std::memcpy(out, memory_.data() + offset, size);
        return size;
    }
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(file_, out + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return disk_error("reading a large payload");
        done += static_cast<std::size_t>(got);
    }
    return done;
}

std::string blob::to_json_text() const {
    return json::to_text(
        json::value::object({{"$blob", id_}, {"size", length()}, {"contentType", content_type_}}));
}

blob_registry::blob_registry(std::filesystem::path temporary_folder)
    : folder_(std::move(temporary_folder)) {}

std::shared_ptr<blob> blob_registry::create(store::event_id execution, std::string content_type) {
    const std::lock_guard lock(mutex_);
    const std::string id = "b" + std::to_string(++last_id_);
    auto made = std::make_shared<blob>(id, std::move(content_type), folder_);
    blobs_[execution].emplace(id, made);
    return made;
}

std::shared_ptr<blob> blob_registry::find(store::event_id execution, std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const auto of_execution = blobs_.find(execution);
    if (of_execution == blobs_.end()) return nullptr;
    const auto found = of_execution->second.find(id);
    return found == of_execution->second.end() ? nullptr : found->second;
}

void blob_registry::forget(store::event_id execution) {
    const std::lock_guard lock(mutex_);
    blobs_.erase(execution);
}

std::size_t blob_registry::count() const {
    const std::lock_guard lock(mutex_);
    std::size_t total = 0;
    for (const auto& [execution, list] : blobs_)
        total += list.size();
    return total;
}

}  // namespace sluice::plugin
