// `sluice_blob*`: a connector's counted reference to a blob.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "plugin/blob_registry.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

struct blob_handle {
    std::shared_ptr<blob> target;
    std::atomic<std::uint32_t> references{1};
};

inline blob_handle* from_abi(sluice_blob* handle) { return reinterpret_cast<blob_handle*>(handle); }

// With one reference, which the receiver gives back with release_blob_handle.
inline sluice_blob* new_blob_handle(std::shared_ptr<blob> target) {
    return reinterpret_cast<sluice_blob*>(new blob_handle{std::move(target)});
}
inline std::shared_ptr<blob> blob_of(sluice_blob* handle) { return from_abi(handle)->target; }
inline void retain_blob_handle(sluice_blob* handle) { ++from_abi(handle)->references; }
inline void release_blob_handle(sluice_blob* handle) {
    if (--from_abi(handle)->references == 0) delete from_abi(handle);
}

}  // namespace sluice::plugin
