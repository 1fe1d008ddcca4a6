// A large payload: written once in order, sealed, read anywhere. Small ones are in memory until
// they are sealed, larger ones in a file from then on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/file_descriptor.hpp"
#include "base/result.hpp"
#include "json/value.hpp"
#include "plugin/blob_place.hpp"

namespace sluice::plugin {

// Any thread. Functions may block on disk where they say so.
class blob {
  public:
    // A new empty one.
    blob(std::string id, std::string content_type, std::shared_ptr<blob_place> place);
    // One that is on disk already.
    blob(std::string id, std::string content_type, std::shared_ptr<blob_place> place,
         std::uint64_t length);
    // What did not become durable, or is unwanted, is removed; may block on disk then.
    ~blob();
    blob(const blob&) = delete;
    blob& operator=(const blob&) = delete;

    const std::string& id() const { return id_; }
    const std::string& content_type() const { return content_type_; }
    std::uint64_t length() const { return length_; }
    bool sealed() const { return sealed_; }
    bool in_memory() const { return !in_file_ && !durable_; }
    // Sealed, but a crash would lose it. Never so for temporary blobs.
    bool unsettled() const { return sealed_ && !durable_ && place_->durable(); }
    // Whether append() of so many bytes needs the disk.
    bool append_blocks(std::size_t bytes) const;

    // Refused with `conflict` after seal(), `unsupported` beyond the execution's quota,
    // `unavailable` when the disk is short or fails. May block.
    base::result<void> append(std::string_view bytes);
    // No more bytes; reading may begin.
    void seal() { sealed_ = true; }
    // Returns when a sealed blob survives a crash. The host calls it before it records anything
    // that names the blob. Any number of times; blocks.
    base::result<void> make_durable();
    // Up to `size` bytes from `offset`; 0 at the end. `conflict` before seal(). May block unless
    // in_memory().
    base::result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) const;

    // Nobody will name it: it goes with this object, durable or not.
    void mark_unwanted() { unwanted_ = true; }

    // {"$blob": id, "size": bytes, "contentType": type}
    json::value to_json() const;
    std::string to_json_text() const;

  private:
    base::result<void> spill();

    const std::string id_;
    const std::string content_type_;
    const std::shared_ptr<blob_place> place_;

    // Facts that the loop asks for must not wait for a disk.
    std::atomic<std::uint64_t> length_ = 0;
    std::atomic<bool> sealed_ = false;
    std::atomic<bool> in_file_ = false;  // or on its way there
    std::atomic<bool> durable_ = false;
    std::atomic<bool> unwanted_ = false;

    std::mutex writing_;          // one append or make_durable at a time; held during disk work
    std::uint64_t taken_ = 0;     // of the quota
    mutable std::mutex mutex_;    // of what follows; held by readers, and by writers for moments
    std::string memory_;          // until durable or in the file
    base::file_descriptor file_;  // until durable; then opened for each read
};

}  // namespace sluice::plugin
