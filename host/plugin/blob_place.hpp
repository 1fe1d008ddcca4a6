// Where the bytes of blobs go, how many an execution may keep, and the calls to the system.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"
#include "base/result.hpp"
#include "store/types.hpp"

namespace sluice::plugin {

struct blob_options {
    // Blobs are files <folder>/<execution>/<id> that outlive the process. Empty: unnamed temporary
    // files, which go with it. The folder is made when missing.
    std::filesystem::path folder;
    std::filesystem::path temporary_folder;          // empty: the system's
    std::uint64_t bytes_per_execution = 4ull << 30;  // all its blobs together
    // Empty, or why the disk takes no more bytes now. Any thread; asked now and then.
    std::function<std::string()> shortage;
    // When this process began, by the wall clock: makes its blobs' ids differ from earlier ones'.
    std::int64_t started_ms = 0;
    // Runs work that may block on disk elsewhere. Empty: inline.
    std::function<void(std::function<void()>)> run_blocking;
};

// What the blobs of one execution share. Any thread; may block on disk.
class blob_place {
  public:
    blob_place(std::shared_ptr<const blob_options> options, store::event_id execution);

    bool durable() const { return !options_->folder.empty(); }
    // In memory up to here.
    std::size_t memory_limit() const;

    // Counts bytes that are to be written: `unsupported` beyond the quota, `unavailable` when the
    // disk is short.
    base::result<void> take(std::uint64_t bytes);
    void give_back(std::uint64_t bytes);

    // A new file for an unsealed blob; with a name (leftover_suffix) when durable.
    base::result<base::file_descriptor> make_file(std::string_view id);
    // The written file becomes that of a sealed blob: durable, with its final name.
    base::result<void> publish(int file, std::string_view id, std::string_view content_type);
    // The file, sealed or not.
    void remove(std::string_view id);
    base::result<base::file_descriptor> open_sealed(std::string_view id) const;

    struct sealed_facts {
        bool found = false;
        std::uint64_t length = 0;
        std::string content_type;
    };
    sealed_facts look_for(std::string_view id) const;

    // Removes what earlier processes began and did not seal.
    void remove_leftovers(std::string_view own_prefix);

  private:
    std::filesystem::path file_of(std::string_view id, std::string_view suffix = {}) const;

    const std::shared_ptr<const blob_options> options_;
    const std::filesystem::path folder_;
    std::mutex mutex_;
    bool counted_ = false;  // what earlier processes left is in used_
    std::uint64_t used_ = 0;
    std::uint64_t unchecked_ = 0;  // taken since the disk was asked
    bool asked_ = false;
};

// The folder of one execution's blobs.
std::filesystem::path blob_folder(const std::filesystem::path& folder, store::event_id execution);

// Ids are the host's; what comes out of JSON is checked before it becomes part of a path.
bool is_blob_id(std::string_view text);

base::error blob_disk_error(std::string_view what);
// All of `bytes` at `offset`.
base::result<void> write_at(int file, std::string_view bytes, std::uint64_t offset);
// Up to `size` bytes; fewer only at the end of the file.
base::result<std::size_t> read_at(int file, char* out, std::size_t size, std::uint64_t offset);

}  // namespace sluice::plugin
