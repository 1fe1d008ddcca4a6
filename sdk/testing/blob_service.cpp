#include <algorithm>
#include <cstring>

#include "mock_core.hpp"
#include "services.hpp"
#include "sluice/failure.hpp"

namespace sluice::testing {
namespace {

sluice_blob* SLUICE_CALL create(sluice_call* handle, sluice_str content_type) {
    const auto call = mock_call::find(handle);
    if (!call) return nullptr;
    mock_core& core = call->core;
    const auto guard = core.lock();
    if (call->ended) return nullptr;
    mock_blob& made = core.blobs.emplace_back(core);
    made.id = "blob-" + std::to_string(core.blobs.size());
    made.content_type = detail::to_view(content_type);
    made.references = 1;
    made.holder = call->number;
    return made.handle();
}

sluice_blob* SLUICE_CALL find(sluice_call* handle, sluice_str id) {
    const auto call = mock_call::find(handle);
    if (!call) return nullptr;
    mock_core& core = call->core;
    const auto guard = core.lock();
    for (mock_blob& each : core.blobs) {
        if (each.id != detail::to_view(id)) continue;
        ++each.references;
        each.holder = call->number;
        return each.handle();
    }
    return nullptr;
}

sluice_str SLUICE_CALL id(sluice_blob* handle) {
    return detail::to_str(mock_blob::from(handle).id);
}

std::uint64_t SLUICE_CALL length(sluice_blob* handle) {
    mock_blob& blob = mock_blob::from(handle);
    const auto guard = blob.core.lock();
    return blob.bytes.size();
}

void finish(const mock_core& core, const std::optional<failure>& refused,
            const sluice_error* cancelled, std::uint64_t n, sluice_io_done done, void* user) {
    if (cancelled != nullptr) return done(user, cancelled, 0);
    if (!refused) return done(user, nullptr, n);
    done(user, shaped_struct(refused->as_error(), core.options()).get(), 0);
}

void SLUICE_CALL read(sluice_call* handle, sluice_blob* source, std::uint64_t offset, void* buffer,
                      std::size_t n, sluice_io_done done, void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return;
    mock_blob& blob = mock_blob::from(source);
    call->core.start_operation(*call, {.unstoppable = true}, [=, &blob](const auto* cancelled) {
        std::optional<failure> refused;
        std::size_t count = 0;
        if (!blob.sealed) {
            refused.emplace(SLUICE_CONFLICT, "the blob is not sealed yet");
        } else if (cancelled == nullptr && offset < blob.bytes.size()) {
            count = std::min(n, blob.bytes.size() - static_cast<std::size_t>(offset));
            std::memcpy(buffer, blob.bytes.data() + offset, count);
        }
        finish(blob.core, refused, cancelled, count, done, user);
    });
}

void SLUICE_CALL write(sluice_call* handle, sluice_blob* target, const void* buffer, std::size_t n,
                       sluice_io_done done, void* user) {
    const auto call = mock_call::expect(handle);
    if (!call) return;
    mock_blob& blob = mock_blob::from(target);
    if (blob.writing) call->core.problem(call.get(), "two writes to one blob at the same time");
    blob.writing = true;
    call->core.start_operation(*call, {.unstoppable = true}, [=, &blob](const auto* cancelled) {
        std::optional<failure> refused;
        blob.writing = false;
        if (blob.sealed) {
            refused.emplace(SLUICE_CONFLICT, "the blob is sealed");
        } else if (cancelled == nullptr) {
            blob.bytes.append(static_cast<const char*>(buffer), n);
        }
        finish(blob.core, refused, cancelled, n, done, user);
    });
}

void SLUICE_CALL seal(sluice_call*, sluice_blob* handle) {
    mock_blob& blob = mock_blob::from(handle);
    const auto guard = blob.core.lock();
    blob.sealed = true;
}

void SLUICE_CALL retain(sluice_blob* handle) {
    mock_blob& blob = mock_blob::from(handle);
    const auto guard = blob.core.lock();
    ++blob.references;
}

void SLUICE_CALL release(sluice_blob* handle) {
    mock_blob& blob = mock_blob::from(handle);
    auto guard = blob.core.lock();
    if (--blob.references >= 0) return;
    blob.references = 0;
    guard.unlock();
    blob.core.problem(nullptr, "blob " + blob.id + " was released too often");
}

}  // namespace

const sluice_blob_1 blob_service{create, find, id, length, read, write, seal, retain, release};

}  // namespace sluice::testing
