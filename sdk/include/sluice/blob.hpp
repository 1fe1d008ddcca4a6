// Large payloads, kept by the host. JSON carries them as {"$blob": id, "size": n, "contentType":
// t}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/abi.h"
#include "sluice/detail/blocking_wait.hpp"
#include "sluice/detail/operation.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

class blob;

namespace detail {

class blob_read final : public operation {
  public:
    blob_read(const blob& source, std::uint64_t offset, std::size_t n);
    void await_suspend(std::coroutine_handle<> waiting);
    std::string await_resume();

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error, std::uint64_t n) noexcept {
        auto& self = *static_cast<blob_read*>(user);
        if (error == nullptr) self.read_ = static_cast<std::size_t>(n);
        self.finish(error);
    }
    const blob& source_;
    std::uint64_t offset_;
    std::string buffer_;
    std::size_t read_ = 0;
};

class blob_write final : public operation {
  public:
    blob_write(const blob& target, std::string bytes);
    void await_suspend(std::coroutine_handle<> waiting);
    void await_resume() const { throw_error(); }

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error, std::uint64_t) noexcept {
        static_cast<blob_write*>(user)->finish(error);
    }
    const blob& target_;
    std::string bytes_;
};

}  // namespace detail

// A reference to a blob; copies share the payload. Must not outlive the action. Made by
// context::create_blob, context::find_blob and responses of body_to_blob requests.
class blob {
  public:
    blob() noexcept = default;
    // Takes over one reference.
    blob(const sluice_blob_1* service, sluice_call* call, sluice_blob* handle,
         std::string content_type)
        : service_(service), call_(call), handle_(handle), content_type_(std::move(content_type)) {}
    blob(const blob& other)
        : service_(other.service_),
          call_(other.call_),
          handle_(other.handle_),
          content_type_(other.content_type_) {
        if (handle_ != nullptr) service_->retain(handle_);
    }
    blob(blob&& other) noexcept
        : service_(other.service_),
          call_(other.call_),
          handle_(std::exchange(other.handle_, nullptr)),
          content_type_(std::move(other.content_type_)) {}
    blob& operator=(blob other) noexcept {
        std::swap(service_, other.service_);
        std::swap(call_, other.call_);
        std::swap(handle_, other.handle_);
        std::swap(content_type_, other.content_type_);
        return *this;
    }
    ~blob() {
        if (handle_ != nullptr) service_->release(handle_);
    }

    explicit operator bool() const noexcept { return handle_ != nullptr; }
    sluice_blob* handle() const noexcept { return handle_; }
    sluice_call* call() const noexcept { return call_; }
    const sluice_blob_1& service() const noexcept { return *service_; }
    const std::string& content_type() const noexcept { return content_type_; }

    // Bytes written so far.
    std::uint64_t size() const { return service_->length(handle_); }
    std::string id() const { return std::string(detail::to_view(service_->id(handle_))); }
    // What stands for the blob in the action's output.
    json reference() const {
        return json{{"$blob", id()}, {"size", size()}, {"contentType", content_type_}};
    }

    // co_await: up to n bytes from the offset; empty at the end. Seal the blob first.
    detail::blob_read read(std::uint64_t offset, std::size_t n) const {
        return detail::blob_read(*this, offset, n);
    }
    // co_await: appends. One write at a time.
    detail::blob_write write(std::string bytes) const {
        return detail::blob_write(*this, std::move(bytes));
    }
    // The same for blocking actions (never in a coroutine: it would wait for itself).
    std::string read_wait(std::uint64_t offset, std::size_t n) const;
    void write_wait(std::string_view bytes) const;
    // No more writes.
    void seal() const { service_->seal(call_, handle_); }

  private:
    const sluice_blob_1* service_ = nullptr;
    sluice_call* call_ = nullptr;
    sluice_blob* handle_ = nullptr;
    std::string content_type_;
};

namespace detail {

inline blob_read::blob_read(const blob& source, std::uint64_t offset, std::size_t n)
    : source_(source), offset_(offset), buffer_(n, '\0') {}
inline void blob_read::await_suspend(std::coroutine_handle<> waiting) {
    wait_as(waiting);
    source_.service().read(source_.call(), source_.handle(), offset_, buffer_.data(),
                           buffer_.size(), &done, this);
}
inline std::string blob_read::await_resume() {
    throw_error();
    buffer_.resize(read_);
    return std::move(buffer_);
}

inline blob_write::blob_write(const blob& target, std::string bytes)
    : target_(target), bytes_(std::move(bytes)) {}
inline void blob_write::await_suspend(std::coroutine_handle<> waiting) {
    wait_as(waiting);
    target_.service().write(target_.call(), target_.handle(), bytes_.data(), bytes_.size(), &done,
                            this);
}

// The done function of a thread that waits.
class blocking_io {
  public:
    static void SLUICE_CALL done(void* user, const sluice_error* error, std::uint64_t n) noexcept {
        auto& self = *static_cast<blocking_io*>(user);
        self.wait_.finish(error, [&] { self.count_ = static_cast<std::size_t>(n); });
    }
    std::size_t wait() {
        wait_.wait();
        return count_;
    }

  private:
    std::size_t count_ = 0;
    blocking_wait wait_;
};

}  // namespace detail

inline std::string blob::read_wait(std::uint64_t offset, std::size_t n) const {
    std::string buffer(n, '\0');
    detail::blocking_io reading;
    service_->read(call_, handle_, offset, buffer.data(), n, &detail::blocking_io::done, &reading);
    buffer.resize(reading.wait());
    return buffer;
}
inline void blob::write_wait(std::string_view bytes) const {
    detail::blocking_io writing;
    service_->write(call_, handle_, bytes.data(), bytes.size(), &detail::blocking_io::done,
                    &writing);
    writing.wait();
}

}  // namespace sdk
}  // namespace sluice
