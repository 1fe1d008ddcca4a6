// sluice.blob/1
#include <atomic>
#include <memory>
#include <string>

#include "plugin/abi_error.hpp"
#include "plugin/blob_handle.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/services.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

namespace {

// Runs `work` on the host's own pool, or at once when it cannot block.
void run_io(live_call& live, bool blocks, std::function<void()> work) {
    if (!blocks) return work();
    run_on(live.owner->shared->io, std::move(work));
}

void answer_io(call_handle call, std::uint64_t id, sluice_io_done done, void* user,
               base::result<std::size_t> outcome) {
    post_answer(call, id, [done, user, outcome = std::move(outcome)] {
        if (outcome) return done(user, nullptr, *outcome);
        const sluice_error error = to_abi_error(outcome.error_value());
        done(user, &error, 0);
    });
}

sluice_blob* SLUICE_CALL create(sluice_call* handle, sluice_str content_type) {
    sluice_blob* made = nullptr;
    const std::string type(to_view(content_type));
    call_slots::with(call_slots::from_abi(handle), [&](const live_call& live) {
        made = new_blob_handle(live.owner->shared->blobs->create(live.input.scope.execution, type));
    });
    return made;
}

sluice_blob* SLUICE_CALL find(sluice_call* handle, sluice_str id) {
    std::shared_ptr<blob> found;
    call_slots::with(call_slots::from_abi(handle), [&](const live_call& live) {
        found = live.owner->shared->blobs->find(live.input.scope.execution, to_view(id));
    });
    return found ? new_blob_handle(std::move(found)) : nullptr;
}

sluice_str SLUICE_CALL id(sluice_blob* handle) { return to_abi(blob_of(handle)->id()); }

std::uint64_t SLUICE_CALL length(sluice_blob* handle) { return blob_of(handle)->length(); }

// Through a buffer of the host's: the connector's own may be gone when the call ends meanwhile.
void SLUICE_CALL read(sluice_call* handle, sluice_blob* source, std::uint64_t offset, void* buffer,
                      std::size_t size, sluice_io_done done, void* user) {
    const call_handle call = call_slots::from_abi(handle);
    const std::uint64_t operation = next_operation();
    auto from = blob_of(source);
    post_for_connector(call, [=, from = std::move(from)](live_call& live) {
        live.operations.add(operation, [] {});
        if (live.cancelling) {
            return answer_io(call, operation, done, user, cancelled_before_it_began());
        }
        run_io(live, !from->in_memory(), [=] {
            const std::uint64_t all = from->length();
            const std::uint64_t left = all > offset ? all - offset : 0;
            std::string bytes(std::min<std::uint64_t>(size, left), '\0');
            auto got = from->read(offset, bytes.data(), bytes.size());
            if (!got) return answer_io(call, operation, done, user, got);
            post_answer(call, operation, [=, bytes = std::move(bytes)] {
                bytes.copy(static_cast<char*>(buffer), bytes.size());
                done(user, nullptr, bytes.size());
            });
        });
    });
}

void SLUICE_CALL write(sluice_call* handle, sluice_blob* target, const void* buffer,
                       std::size_t size, sluice_io_done done, void* user) {
    const call_handle call = call_slots::from_abi(handle);
    const std::uint64_t operation = next_operation();
    auto to = blob_of(target);
    auto bytes = std::make_shared<std::string>(static_cast<const char*>(buffer), size);
    post_for_connector(call, [=, to = std::move(to)](live_call& live) {
        live.operations.add(operation, [] {});
        if (live.cancelling) {
            return answer_io(call, operation, done, user, cancelled_before_it_began());
        }
        run_io(live, to->append_blocks(bytes->size()), [=] {
            auto written = to->append(*bytes);
            if (!written) return answer_io(call, operation, done, user, written.error_value());
            answer_io(call, operation, done, user, bytes->size());
        });
    });
}

void SLUICE_CALL seal(sluice_call*, sluice_blob* handle) { blob_of(handle)->seal(); }
void SLUICE_CALL retain(sluice_blob* handle) { retain_blob_handle(handle); }
void SLUICE_CALL release(sluice_blob* handle) { release_blob_handle(handle); }

}  // namespace

const sluice_blob_1& blob_service() {
    static constexpr sluice_blob_1 table = {create, find, id,     length, read,
                                            write,  seal, retain, release};
    return table;
}

}  // namespace sluice::plugin
