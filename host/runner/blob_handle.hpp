// `sluice_blob*` inside the runner: the host's blob by its number.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "runner/core.hpp"

namespace sluice::runner {

struct blob_handle {
    std::weak_ptr<core> of;
    const std::uint64_t number;
    const std::string id;
    std::atomic<std::uint64_t> length;
    std::atomic<std::uint32_t> references{1};
};

inline blob_handle* from_abi(sluice_blob* blob) { return reinterpret_cast<blob_handle*>(blob); }
// With one reference; null when there is no such blob.
sluice_blob* new_blob_handle(const std::weak_ptr<core>& of, const core::blob_facts& facts);
void release_blob_handle(sluice_blob* blob);

}  // namespace sluice::runner
