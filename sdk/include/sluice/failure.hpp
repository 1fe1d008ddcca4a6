// How an action fails: throw a failure. Every other exception counts as a bug of the connector.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/abi.h"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

// The codes are SLUICE_INVALID_INPUT, SLUICE_AUTH, ... of abi.h. The message is one sentence for
// people, without secrets.
//   throw sluice::failure(SLUICE_NOT_FOUND, "there is no repository " + name);
class failure : public std::exception {
  public:
    failure(sluice_code code, std::string message) : code_(code), message_(std::move(message)) {}
    // Copies what a host function reported.
    explicit failure(const sluice_error& error)
        : code_(error.code),
          retry_after_ms_(error.retry_after_ms),
          http_status_(error.http_status),
          message_(view(error.message)),
          details_(view(error.details_json)) {}

    const char* what() const noexcept override { return message_.c_str(); }
    sluice_code code() const noexcept { return code_; }
    const std::string& message() const noexcept { return message_; }
    std::uint32_t retry_after_ms() const noexcept { return retry_after_ms_; }
    std::uint32_t http_status() const noexcept { return http_status_; }
    // A JSON object as text, or empty.
    const std::string& details_json() const noexcept { return details_; }

    failure&& retry_after_ms(std::uint64_t wait) && {
        constexpr std::uint64_t longest = std::numeric_limits<std::uint32_t>::max();
        retry_after_ms_ = static_cast<std::uint32_t>(std::min(wait, longest));
        return std::move(*this);
    }
    failure&& http_status(unsigned status) && {
        http_status_ = status;
        return std::move(*this);
    }
    failure&& details(const json& object) && {
        details_ = object.dump();
        return std::move(*this);
    }

    // Borrows from this object.
    sluice_error as_error() const noexcept {
        return sluice_error{sizeof(sluice_error),
                            code_,
                            retry_after_ms_,
                            http_status_,
                            {message_.data(), message_.size()},
                            {details_.data(), details_.size()}};
    }

  private:
    static std::string_view view(sluice_str text) {
        return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
    }

    sluice_code code_;
    std::uint32_t retry_after_ms_ = 0;
    std::uint32_t http_status_ = 0;
    std::string message_;
    std::string details_;
};

namespace detail {

inline std::string_view to_view(sluice_str text) noexcept {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}
inline sluice_str to_str(std::string_view text) noexcept { return {text.data(), text.size()}; }

// Inside a catch block: what the exception that is being handled means to the host.
inline failure current_failure() {
    try {
        throw;
    } catch (const failure& known) {
        return known;
    } catch (const std::exception& error) {
        return failure(SLUICE_INTERNAL, error.what());
    } catch (...) {
        return failure(SLUICE_INTERNAL, "the connector threw something that is no std::exception");
    }
}

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
