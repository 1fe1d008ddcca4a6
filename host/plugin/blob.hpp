// Large payloads: written once in order, sealed, read anywhere. In memory up to 1 MiB, then in an
// unnamed temporary file. An execution's blobs live until the execution is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/types.hpp"

namespace sluice::plugin {

inline constexpr std::size_t blob_memory_limit = 1u << 20;

// Any thread. append and read may block on disk once the blob is larger than blob_memory_limit.
class blob {
  public:
    blob(std::string id, std::string content_type, std::filesystem::path temporary_folder);
    ~blob();
    blob(const blob&) = delete;
    blob& operator=(const blob&) = delete;

    const std::string& id() const { return id_; }
    const std::string& content_type() const { return content_type_; }
    std::uint64_t length() const;
    bool sealed() const;
    bool in_memory() const;

    // Refused with `conflict` after seal().
    base::result<void> append(std::string_view bytes);
    void seal();
    // Up to `size` bytes from `offset`; 0 at the end. `conflict` before seal().
    base::result<std::size_t> read(std::uint64_t offset, char* out, std::size_t size) const;

    // {"$blob": id, "size": bytes, "contentType": type} as JSON text.
    std::string to_json_text() const;

  private:
    base::result<void> spill();

    const std::string id_;
    const std::string content_type_;
    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    std::string memory_;
    int file_ = -1;
    std::uint64_t length_ = 0;
    bool sealed_ = false;
};

// The blobs of all running executions. Any thread.
class blob_registry {
  public:
    explicit blob_registry(std::filesystem::path temporary_folder);

    // A new empty blob that this execution can find by its id.
    std::shared_ptr<blob> create(store::event_id execution, std::string content_type);
    // Null when this execution has no such blob.
    std::shared_ptr<blob> find(store::event_id execution, std::string_view id) const;
    // The execution is over: its blobs go when the last user lets go of them.
    void forget(store::event_id execution);
    std::size_t count() const;

  private:
    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    std::uint64_t last_id_ = 0;
    std::map<store::event_id, std::map<std::string, std::shared_ptr<blob>, std::less<>>> blobs_;
};

}  // namespace sluice::plugin
