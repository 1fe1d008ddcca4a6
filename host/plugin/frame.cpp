#include "plugin/frame.hpp"

#include <utility>

#include "plugin/live_call.hpp"

namespace sluice::plugin {

namespace {

void put(std::string& to, std::uint64_t value, std::size_t bytes) {
    for (std::size_t index = 0; index < bytes; ++index)
        to.push_back(static_cast<char>(value >> (8 * index)));
}

std::uint64_t get(std::string_view from, std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t index = 0; index < bytes; ++index)
        value |= std::uint64_t{static_cast<unsigned char>(from[at + index])} << (8 * index);
    return value;
}

bool is_kind(std::uint64_t number) {
    const auto between = [number](frame_kind first, frame_kind last) {
        return number >= static_cast<std::uint64_t>(first) &&
               number <= static_cast<std::uint64_t>(last);
    };
    return between(frame_kind::open, frame_kind::close) ||
           between(frame_kind::hardened, frame_kind::closed);
}

}  // namespace

std::string to_bytes(const frame& one) {
    std::string bytes;
    bytes.reserve(frame_head_size + one.body.size());
    put(bytes, one.body.size(), 4);
    put(bytes, static_cast<std::uint64_t>(one.kind), 4);
    put(bytes, one.call, 8);
    put(bytes, one.operation, 8);
    bytes += one.body;
    return bytes;
}

base::result<void> frame_splitter::feed(std::string_view bytes,
                                        const std::function<void(frame)>& take) {
    rest_.append(bytes);
    std::size_t at = 0;
    while (rest_.size() - at >= frame_head_size) {
        const std::uint64_t size = get(rest_, at, 4);
        const std::uint64_t kind = get(rest_, at + 4, 4);
        if (size > frame_body_limit || !is_kind(kind)) {
            rest_.clear();
            return base::make_error(base::error_code::internal,
                                    size > frame_body_limit
                                        ? "a frame of " + std::to_string(size) + " bytes"
                                        : "a frame of unknown kind " + std::to_string(kind));
        }
        if (rest_.size() - at - frame_head_size < size) break;
        frame one;
        one.kind = static_cast<frame_kind>(kind);
        one.call = get(rest_, at + 8, 8);
        one.operation = get(rest_, at + 16, 8);
        one.body = rest_.substr(at + frame_head_size, size);
        at += frame_head_size + size;
        take(std::move(one));
    }
    rest_.erase(0, at);
    return {};
}

frame_writer& frame_writer::number(std::uint64_t value) {
    put(body_, value, 8);
    return *this;
}

frame_writer& frame_writer::text(std::string_view value) {
    put(body_, value.size(), 8);
    body_ += value;
    return *this;
}

frame_writer& frame_writer::text(sluice_str value) { return text(to_view(value)); }

frame_writer& frame_writer::failure(const sluice_error* error) {
    if (error == nullptr) return number(0);
    number(1);
    number(SLUICE_HAS(error, code) ? error->code : SLUICE_INTERNAL);
    number(SLUICE_HAS(error, retry_after_ms) ? error->retry_after_ms : 0);
    number(SLUICE_HAS(error, http_status) ? error->http_status : 0);
    text(SLUICE_HAS(error, message) ? error->message : sluice_str{});
    return text(SLUICE_HAS(error, details_json) ? error->details_json : sluice_str{});
}

std::uint64_t frame_reader::number() {
    if (rest_.size() < 8) {
        ok_ = false;
        return 0;
    }
    const std::uint64_t value = get(rest_, 0, 8);
    rest_.remove_prefix(8);
    return value;
}

std::string_view frame_reader::text() {
    const std::uint64_t size = number();
    if (rest_.size() < size) {
        ok_ = false;
        return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
}

std::optional<sluice_error> frame_reader::failure() {
    if (number() == 0) return {};
    sluice_error error = {};
    error.size = sizeof error;
    error.code = static_cast<sluice_code>(number());
    error.retry_after_ms = static_cast<std::uint32_t>(number());
    error.http_status = static_cast<std::uint32_t>(number());
    error.message = to_abi(text());
    error.details_json = to_abi(text());
    return error;
}

}  // namespace sluice::plugin
