// sluice.blob/1 inside the runner: bytes travel in pieces.
#include <algorithm>
#include <cstring>

#include "plugin/live_call.hpp"
#include "runner/blob_handle.hpp"
#include "runner/tables.hpp"

namespace sluice::runner {

using plugin::frame_kind;
using plugin::frame_reader;
using plugin::frame_service;
using plugin::frame_writer;

sluice_blob* new_blob_handle(const std::weak_ptr<core>& of, const core::blob_facts& facts) {
    if (facts.number == 0) return nullptr;
    return reinterpret_cast<sluice_blob*>(
        new blob_handle{of, facts.number, facts.id, facts.length, 1});
}

namespace {

void tell(const blob_handle& blob, frame_kind kind, std::uint64_t call) {
    const auto own = blob.of.lock();
    if (!own) return;
    plugin::frame one;
    one.kind = kind;
    one.call = call;
    one.operation = blob.number;
    own->send(one);
}

}  // namespace

void release_blob_handle(sluice_blob* blob) {
    blob_handle* const own = from_abi(blob);
    if (--own->references > 0) return;
    tell(*own, frame_kind::release, 0);
    delete own;
}

namespace {

sluice_blob* ask(sluice_call* handle, plugin::frame_question what, sluice_str text) {
    const runner_call_ptr call = call_list::find(handle);
    const auto own = call ? call->of.lock() : nullptr;
    if (!own) return nullptr;
    return new_blob_handle(call->of, own->ask(call, what, plugin::to_view(text)));
}

sluice_blob* SLUICE_CALL create(sluice_call* handle, sluice_str content_type) {
    return ask(handle, plugin::frame_question::create_blob, content_type);
}

sluice_blob* SLUICE_CALL find(sluice_call* handle, sluice_str id) {
    return ask(handle, plugin::frame_question::find_blob, id);
}

sluice_str SLUICE_CALL id(sluice_blob* blob) { return plugin::to_abi(from_abi(blob)->id); }
std::uint64_t SLUICE_CALL length(sluice_blob* blob) { return from_abi(blob)->length; }

// A read or write under way, piece by piece. Holds a reference to its blob.
struct transfer {
    runner_call_ptr call;
    blob_handle* blob;
    char* buffer;
    std::uint64_t offset;
    std::size_t size;
    std::size_t moved = 0;
    sluice_io_done done;
    void* user;

    ~transfer() { release_blob_handle(reinterpret_cast<sluice_blob*>(blob)); }
};
using transfer_ptr = std::shared_ptr<transfer>;

void read_piece(const transfer_ptr& one) {
    const auto own = one->call->of.lock();
    if (!own) return;
    frame_writer body;
    body.number(static_cast<std::uint64_t>(frame_service::blob_read))
        .number(one->blob->number)
        .number(one->offset + one->moved)
        .number(std::min(one->size - one->moved, plugin::blob_piece));
    own->request(one->call, std::move(body),
                 [one](const sluice_error* error, frame_reader& answer) {
                     if (error != nullptr) return one->done(one->user, error, 0);
                     const std::string_view bytes = answer.text();
                     const std::size_t size = std::min(bytes.size(), one->size - one->moved);
                     if (size > 0) std::memcpy(one->buffer + one->moved, bytes.data(), size);
                     one->moved += size;
                     if (size > 0 && one->moved < one->size) return read_piece(one);
                     one->done(one->user, nullptr, one->moved);
                 });
}

void write_piece(const transfer_ptr& one) {
    const auto own = one->call->of.lock();
    if (!own) return;
    const std::size_t size = std::min(one->size - one->moved, plugin::blob_piece);
    frame_writer body;
    body.number(static_cast<std::uint64_t>(frame_service::blob_write))
        .number(one->blob->number)
        .text(std::string_view(one->buffer + one->moved, size));
    own->request(one->call, std::move(body),
                 [one](const sluice_error* error, frame_reader& answer) {
                     if (error != nullptr) return one->done(one->user, error, 0);
                     const std::uint64_t written = answer.number();
                     one->moved += written;
                     one->blob->length += written;
                     if (written > 0 && one->moved < one->size) return write_piece(one);
                     one->done(one->user, nullptr, one->moved);
                 });
}

transfer_ptr make_transfer(sluice_call* handle, sluice_blob* blob, void* buffer,
                           std::uint64_t offset, std::size_t size, sluice_io_done done,
                           void* user) {
    runner_call_ptr call = call_list::find(handle);
    if (!call) return nullptr;
    blob_handle* const own = from_abi(blob);
    ++own->references;
    return std::shared_ptr<transfer>(new transfer{std::move(call), own, static_cast<char*>(buffer),
                                                  offset, size, 0, done, user});
}

void SLUICE_CALL read(sluice_call* handle, sluice_blob* blob, std::uint64_t offset, void* buffer,
                      std::size_t size, sluice_io_done done, void* user) {
    if (const auto one = make_transfer(handle, blob, buffer, offset, size, done, user))
        read_piece(one);
}

void SLUICE_CALL write(sluice_call* handle, sluice_blob* blob, const void* buffer, std::size_t size,
                       sluice_io_done done, void* user) {
    if (const auto one =
            make_transfer(handle, blob, const_cast<void*>(buffer), 0, size, done, user))
        write_piece(one);
}

void SLUICE_CALL seal(sluice_call* handle, sluice_blob* blob) {
    const runner_call_ptr call = call_list::find(handle);
    tell(*from_abi(blob), frame_kind::seal, call ? call->number : 0);
}
void SLUICE_CALL retain(sluice_blob* blob) { ++from_abi(blob)->references; }
void SLUICE_CALL release(sluice_blob* blob) { release_blob_handle(blob); }

}  // namespace

const sluice_blob_1& blob_service() {
    static constexpr sluice_blob_1 table = {create, find, id,     length, read,
                                            write,  seal, retain, release};
    return table;
}

}  // namespace sluice::runner
